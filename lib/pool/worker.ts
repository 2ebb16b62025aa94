/**
 * The worker's side of the pool: a module that imports this and calls {@linkcode serve} is a worker that
 * a `WorkerPool` can use.
 *
 * ```ts ignore
 * import { checkpoint, serve } from "./lib/pool/worker.ts";
 *
 * serve({
 *   primesBelow(limit: number): number {
 *     let count = 0;
 *     for (let n = 2; n < limit; n++) {
 *       if (n % 1024 === 0) checkpoint();
 *       if (isPrime(n)) count++;
 *     }
 *     return count;
 *   },
 * });
 * ```
 *
 * @module
 */

import * as Comlink from "comlink";
import { leanEndpoint, type Port } from "./endpoint.ts";
import { encodeError } from "./error_codec.ts";
import { StoppedError } from "./errors.ts";
import { holdLock } from "./liveness.ts";
import { Cell, CELLS, type Outcome, type Ready, type Runner } from "./protocol.ts";
import type { Watchdog } from "./watchdog.ts";

export type { Port } from "./endpoint.ts";

/** Methods by name. Arguments and results must be cloneable. */
// deno-lint-ignore no-explicit-any -- parameters are contravariant: only `any` accepts all functions
export type Methods<Api> = { [Name in keyof Api]: (...args: any[]) => unknown };

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /** Cuts code that never looks at its checkpoint. Default: nothing does. See `watchdog.ts`. */
  watchdog?: Watchdog;
  /** Where calls come from. Default: the worker's global scope. */
  port?: Port;
  /** Lets go of the lock, as if the worker had died. Default: it is held for the worker's life. */
  signal?: AbortSignal;
}

/** The call this thread is on. */
let current: { cells: Int32Array; cell: number } | undefined;

/**
 * Returns at once, unless the pool has cancelled the call that this worker is on: then it throws, to
 * unwind it. Call it about once a millisecond; it costs one atomic read. Outside a call it does nothing.
 *
 * An `async` method may use it before its first `await` only: after that, "the call this worker is on"
 * can't be told from here.
 *
 * @throws {StoppedError} If nobody waits for the call any more. Let it pass.
 */
export function checkpoint(): void {
  if (current && Atomics.load(current.cells, current.cell) === Cell.CANCELLED) {
    throw new StoppedError("Call was cancelled");
  }
}

const transfers = new WeakMap<object, Transferable[]>();

/**
 * Marks a method's result so that parts of it are moved to the caller and not copied. They are unusable
 * here afterwards.
 *
 * @returns `value` itself.
 */
export function transfer<T extends object>(value: T, list: Transferable[]): T {
  transfers.set(value, list);
  return value;
}

/**
 * Answers a pool's calls, one at a time in the order they were sent, until the worker ends. Call it once,
 * at the end of the module: from then on the pool counts on an answer.
 *
 * A method that throws rejects its call and the worker goes on. An error outside any call, or an unhandled
 * rejection, ends the worker; the pool notices and starts another.
 */
export function serve<Api extends Methods<Api>>(api: Api, options: ServeOptions = {}): void {
  const { watchdog, signal, port = globalThis as unknown as Port } = options;
  const shared = typeof SharedArrayBuffer === "function";
  const cells = new Int32Array(new (shared ? SharedArrayBuffer : ArrayBuffer)(4 * CELLS));
  // Without shared memory nobody resets our copy of a cell for its next call.
  const done = shared ? Cell.DONE : Cell.SENT;
  let last: Promise<unknown> | undefined;

  // A synchronous method keeps the thread, and so the next call waits by itself; an asynchronous one
  // would let it in.
  function run(...call: Parameters<Runner["run"]>): Outcome | Promise<Outcome> {
    const outcome = last ? last.then(() => start(...call)) : start(...call);
    if (outcome instanceof Promise) {
      const mine = outcome.finally(() => last === mine && (last = undefined));
      last = mine;
    }
    return outcome;
  }

  function start(
    cell: number,
    method: string,
    args: readonly unknown[],
    limitMs: number,
    carrier?: Record<string, string>,
  ): Outcome | Promise<Outcome> {
    if (Atomics.compareExchange(cells, cell, Cell.SENT, Cell.RUNNING) !== Cell.SENT) {
      return { kind: "skipped" };
    }
    const startedAt = performance.now();
    const succeed = (value: unknown): Outcome => {
      Atomics.store(cells, cell, done);
      return success(value, performance.now() - startedAt);
    };
    const fail = (error: unknown): Outcome => {
      const cancelled = Atomics.exchange(cells, cell, done) === Cell.CANCELLED;
      const runMs = performance.now() - startedAt;
      return cancelled || error instanceof StoppedError
        ? { kind: "stopped", runMs }
        : { kind: "error", error: encodeError(error), runMs };
    };
    const call = () => {
      current = { cells, cell };
      try {
        return lookUp(method)(...args);
      } finally {
        current = undefined;
      }
    };
    const guarded = watchdog && limitMs > 0 ? () => watchdog(call, limitMs) : call;
    try {
      const value = carrier ? traced(carrier, method, guarded) : guarded();
      return isPromiseLike(value) ? Promise.resolve(value).then(succeed, fail) : succeed(value);
    } catch (error) {
      return fail(error);
    }
  }

  function lookUp(method: string): (...args: readonly unknown[]) => unknown {
    if (Object.hasOwn(api, method)) return api[method as keyof Api];
    throw new TypeError(`Worker has no method "${method}", only ${Object.keys(api).join(", ")}`);
  }

  Comlink.expose({ run } satisfies Runner, leanEndpoint(port, "callee"));
  holdLock((lock) => port.postMessage({ type: "ready", lock, cells } satisfies Ready), signal);
}

function success(value: unknown, runMs: number): Outcome {
  const outcome: Outcome = { kind: "value", value, runMs };
  const list = isObject(value) ? transfers.get(value) : undefined;
  return list ? Comlink.transfer(outcome, list) : outcome;
}

async function traced(
  carrier: Record<string, string>,
  method: string,
  run: () => unknown,
): Promise<unknown> {
  // Imported when the first trace comes in: without tracing nobody pays for it.
  const { continueTrace } = await import("./tracing.ts");
  return continueTrace(carrier, method, run);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && "then" in value && typeof value.then === "function";
}
