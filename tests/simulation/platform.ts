import type { Settings } from "./plan.ts";
import type { World } from "./world.ts";

/**
 * Puts a world in the place of what the pool takes from its platform: Web Locks, shared memory, and who is told of an error that nobody has caught.
 *
 * @returns What undoes it.
 */
export function install({ locks, shared }: Settings, world: World): Disposable {
  const replaced = [
    replace(navigator, "locks", locks ? world.locks : undefined),
    replace(Atomics, "waitAsync", () => world.waitAsync()),
    replace(Atomics, "notify", (words: Int32Array) => world.notify(words)),
    ...(shared ? [] : [replace(globalThis, "SharedArrayBuffer", undefined)]),
  ];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    world.fail(`nobody has caught an error: ${event.message}`);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    world.fail(`nobody has caught a rejection: ${event.reason}`);
  };
  addEventListener("error", onError);
  addEventListener("unhandledrejection", onRejection);
  return {
    [Symbol.dispose]() {
      removeEventListener("error", onError);
      removeEventListener("unhandledrejection", onRejection);
      for (const undo of replaced) undo();
    },
  };
}

function replace(object: object, key: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(object, key);
  Object.defineProperty(object, key, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(object, key, before);
    else Reflect.deleteProperty(object, key);
  };
}
