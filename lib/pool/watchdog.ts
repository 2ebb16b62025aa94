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

/** The script reaches the function through the global object, under a name that nobody else has. */
const KEY = Symbol.for("pool.watchdog.run");
const scope = globalThis as unknown as Record<symbol, () => unknown>;
const script = new vm.Script(`globalThis[Symbol.for("${KEY.description}")]()`, {
  filename: "watchdog",
});

/**
 * Runs `run` and interrupts it once `limitMs` have passed, wherever it is: in a loop that never ends, in
 * a regular expression that backtracks for ever. No `catch` and no `finally` of the function sees it.
 * It costs about 10 µs a call.
 *
 * What it can't interrupt: one long operation inside the runtime (a `BigInt` product, a sort of numbers),
 * which ends first, and whatever an `async` function does after its first `await`, which runs when the
 * script has long returned.
 *
 * @param limitMs Milliseconds, rounded up.
 * @throws {StoppedError} If the time was up. Whatever `run` was doing is half done.
 */
export const watchdog: Watchdog = <T>(run: () => T, limitMs: number): T => {
  scope[KEY] = run;
  try {
    return script.runInThisContext({ timeout: Math.min(Math.ceil(limitMs), MAX_MS) }) as T;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === INTERRUPTED) {
      throw new StoppedError(`Call was interrupted after ${Math.ceil(limitMs)} ms`);
    }
    throw error;
  }
};

/** `node:vm` takes no longer limit: 24 days. */
const MAX_MS = 2 ** 31 - 1;

const INTERRUPTED = "ERR_SCRIPT_EXECUTION_TIMEOUT";
