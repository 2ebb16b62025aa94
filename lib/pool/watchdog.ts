/**
 * The only file of the pool that knows its runtime.
 *
 * Deno's `Worker.terminate()` does not stop a worker that is busy in a synchronous loop: its thread spins
 * on until the process ends. V8 can be interrupted, though, and `node:vm` has the one way to ask for it: a
 * script with a time limit. Browsers have no `node:vm` and don't need this; there, terminating works.
 *
 * @module
 */

import vm from "node:vm";
import { StoppedError } from "./errors.ts";

/** Runs a function and stops it when its time is up. */
export type Watchdog = <T>(run: () => T, limitMs: number) => T;

/** The script finds the function in the global object, under a name that nothing else uses. */
const KEY = Symbol.for("pool.watchdog.run");
const scope = globalThis as unknown as Record<symbol, () => unknown>;
const script = new vm.Script(`globalThis[Symbol.for("${KEY.description}")]()`, {
  filename: "watchdog",
});

/**
 * Runs `run` and interrupts it once `limitMs` have passed, wherever it is: in a loop that never ends, in
 * a regular expression that backtracks for ever. No `catch` and no `finally` of the function sees it.
 * It costs about 10 µs here. It also starts a thread each time, which costs as much again on another core.
 *
 * What it can't interrupt is what an `async` function does after its first `await`: by then the script has
 * long returned.
 *
 * A function that ends in the last quarter of its time, or in the last five milliseconds if that is less, is cut all
 * the same. The runtime's interrupt can come a moment after its script has returned. It then hits whatever runs next,
 * and nothing can catch it: the worker ends, or lives on without its answer (both seen with Deno 2.9.6). In a pool
 * nobody waits for such a call any more, because the limit is later than the call's deadline.
 *
 * @param limitMs Milliseconds, rounded up.
 * @throws {StoppedError} If the time was up. Whatever `run` was doing is half done.
 */
export const watchdog: Watchdog = <T>(run: () => T, limitMs: number): T => {
  const timeout = Math.min(Math.ceil(limitMs), MAX_MS);
  const closeAt = performance.now() + timeout - Math.min(CLOSE_MS, timeout / 4);
  scope[KEY] = () => {
    try {
      return run();
    } finally {
      // Waits for the interrupt here, where it does no harm.
      while (performance.now() > closeAt);
    }
  };
  try {
    return script.runInThisContext({ timeout }) as T;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === INTERRUPTED) {
      throw new StoppedError(`Call was interrupted after ${timeout} ms`);
    }
    throw error;
  }
};

/**
 * How many milliseconds before its limit a function must have ended. Less could let the interrupt hit later code if the
 * system takes the core away at that moment; more would cut calls that are done.
 */
const CLOSE_MS = 5;

/** The longest limit that `node:vm` takes: 24 days. */
const MAX_MS = 2 ** 31 - 1;

const INTERRUPTED = "ERR_SCRIPT_EXECUTION_TIMEOUT";
