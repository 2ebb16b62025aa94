/**
 * A backend on this thread, which is blocked while a method runs: for platforms without Web Workers, and the naive
 * rival in benchmarks.
 *
 * @module
 */

import type { Backend } from "./backend.ts";
import { type Clock, systemClock } from "./clock.ts";
import { DeadlineExceededError, PoolClosedError } from "./errors.ts";
import { waitFor } from "./wait_for.ts";
import type { Methods } from "./methods.ts";

/** Options of {@linkcode inline}. */
export interface InlineOptions {
  /** Default: the real time. */
  clock?: Clock;
}

/** Throws if the deadline of the running call has passed. Methods call it now and then. */
export type Checkpoint = () => void;

/**
 * Runs methods on this thread.
 *
 * A deadline ends a method that calls the checkpoint, and an asynchronous one. Any other method runs to its end, and
 * its call is rejected then. So it is with `maxRunMs`. An abort is not noticed while a method blocks this thread, and
 * reports are not told: `current()` knows the calls of a worker.
 *
 * @param methods The methods, or a function that makes them and is given a checkpoint.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inline } from "./inline.ts";
 *
 * const backend = inline({ double: (n: number) => 2 * n });
 * assertEquals(await backend.call("double", [21]), 42);
 * ```
 */
export function inline<Api extends Methods<Api>>(
  methods: Api | ((checkpoint: Checkpoint) => Api),
  { clock = systemClock }: InlineOptions = {},
): Backend<Api> {
  /** The bounds of the call that runs now. */
  let running: { readonly deadlineMs: number; readonly endAt: number } | undefined;
  let isClosed = false;
  const api = typeof methods === "function"
    ? methods(() => {
      if (running && clock.now() > running.endAt) {
        throw new DeadlineExceededError(running.deadlineMs);
      }
    })
    : methods;

  function run(method: keyof Api & string, args: unknown[], deadlineMs: number): unknown {
    if (!Array.isArray(args)) throw new TypeError("args must be an array");
    if (!Object.hasOwn(api, method)) throw new TypeError(`There is no method "${method}"`);
    const outer = running;
    running = { deadlineMs, endAt: clock.now() + deadlineMs };
    try {
      return api[method](...args);
    } finally {
      running = outer;
    }
  }

  return {
    isBusy: false,
    async call(
      method,
      args,
      { signal, deadlineMs = Infinity, maxRunMs = Infinity, onTiming } = {},
    ) {
      if (isClosed) throw new PoolClosedError("Backend is closed");
      signal?.throwIfAborted();
      // It runs at once: both bounds begin now.
      const boundMs = Math.min(deadlineMs, maxRunMs);
      const startedAt = clock.now();
      let value = run(method, args, boundMs);
      const spentMs = clock.now() - startedAt;
      if (value instanceof Promise) {
        value = await waitFor(value, { signal, deadlineMs: boundMs, spentMs, clock });
      } else if (spentMs > boundMs) {
        throw new DeadlineExceededError(boundMs);
      }
      onTiming?.({ waitMs: 0, runMs: clock.now() - startedAt, transferMs: 0 });
      return value as never;
    },
    stats: () => ({}),
    health: () =>
      isClosed
        ? { ready: false, healthy: false, reason: "The backend is closed" }
        : { ready: true, healthy: true },
    close() {
      isClosed = true;
      return Promise.resolve({ abandoned: 0, wedged: 0 });
    },
  };
}
