/**
 * The worker's side of the pool: a module that imports this and calls {@linkcode serve} is a worker that
 * a `WorkerPool` can use.
 *
 * ```ts ignore
 * import { checkpoint, serve } from "@off-the-loop/pool/worker";
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
import { type Clock, systemClock } from "./clock.ts";
import { leanEndpoint, type Port, post } from "./sending/endpoint.ts";
import { type Life, live } from "./workers/liveness.ts";
import { type Answer, CELLS, type Packed, type Ready, VERSION } from "./sending/protocol.ts";
import { cloneableReplies } from "./inside/replies.ts";
import { makeRunner } from "./inside/runner.ts";
import type { Methods } from "./methods.ts";
import type { ContinueTrace } from "./trace.ts";
import type { Watchdog } from "./watchdog.ts";

export { checkpoint, type Current, current } from "./inside/current.ts";
export type { Port } from "./sending/endpoint.ts";
export type { Methods } from "./methods.ts";
export type { Life } from "./workers/liveness.ts";
export { transfer } from "./inside/replies.ts";

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /** Cuts code that never calls `checkpoint()`. Default: no watchdog. See `watchdog.ts`. */
  watchdog?: Watchdog;
  /** Continues the traces of calls. Default: traces end at the worker. See `otel.ts`. */
  continueTrace?: ContinueTrace;
  /** Where calls come from. Default: the worker's global scope. */
  port?: Port;
  /** When it is aborted the pool takes the worker for dead. Default: when its thread ends. */
  signal?: AbortSignal;
  /** Tells the time by which run times are measured. Default: the real time. */
  clock?: Pick<Clock, "now">;
}

/**
 * Answers a pool's calls, one at a time in the order they were sent, until the worker ends. Call it once,
 * at the end of the module: from then on the pool counts on an answer.
 *
 * A method that throws rejects its call and the worker goes on. An error outside any call, or an unhandled
 * rejection, ends the worker; the pool notices and starts another.
 */
export function serve<Api extends Methods<Api>>(api: Api, options: ServeOptions = {}): void {
  const { watchdog, continueTrace, signal, clock = systemClock } = options;
  const { port = globalThis as unknown as Port } = options;
  const Memory = typeof SharedArrayBuffer === "function" ? SharedArrayBuffer : ArrayBuffer;
  const cells = new Int32Array(new Memory(4 * CELLS));
  const unread = new Int32Array(new Memory(4 * CELLS));
  const lookUp = (method: string): (...args: unknown[]) => unknown => {
    if (Object.hasOwn(api, method)) return (...args) => api[method as keyof Api](...args);
    throw new TypeError(`Worker has no method "${method}", only ${Object.keys(api).join(", ")}`);
  };
  const endpoint = leanEndpoint(
    port,
    "callee",
    (_error, replies) => cloneableReplies(replies as Packed<Answer>),
  );
  Comlink.expose(
    makeRunner({ lookUp, cells, unread, watchdog, continueTrace, port, clock }),
    endpoint,
  );
  const about = { version: VERSION, watchdog: watchdog !== undefined, cells, unread };
  const ready = (life: Life | null) =>
    post(port, { type: "pool:ready", life, ...about } satisfies Ready);
  if (port.life) ready(port.life);
  else live(ready, signal);
}
