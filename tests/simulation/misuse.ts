import type { WorkerPool } from "../../lib/pool/mod.ts";
import type { Api } from "./methods.ts";

type Options = Record<string, unknown>;

function withOptions(options: Options): (pool: WorkerPool<Api>) => Promise<unknown> {
  return (pool) => pool.call("echo", [0], options);
}

function withArgs(args: unknown): (pool: WorkerPool<Api>) => Promise<unknown> {
  return (pool) => pool.call("echo", args as never);
}

const broken = Proxy.revocable([], {});
broken.revoke();

/** Calls that nobody may make. Each must reject by itself, at once, and change nothing for the others. */
export const MISUSES: readonly ((pool: WorkerPool<Api>) => Promise<unknown>)[] = [
  ...[undefined, 5, null, "ab", { length: 1 }, broken.proxy].map(withArgs),
  ...["500", null, true, [500], 500n, NaN, -1].flatMap((value) => [
    withOptions({ deadlineMs: value }),
    withOptions({ maxWaitMs: value }),
    withOptions({ estimateMs: value }),
  ]),
  withOptions({ signal: new AbortController() }),
  withOptions({ signal: null }),
  withOptions({ transfer: new ArrayBuffer(8) }),
  withOptions({ transfer: broken.proxy }),
  withOptions({ pure: "yes" }),
  withOptions({ onTiming: 5 }),
  withOptions({
    get tag() {
      throw new TypeError("no tag");
    },
  }),
  (pool) => pool.call("echo", [0], 5 as never),
  (pool) => pool.call(Symbol("echo") as never, [] as never),
];
