import { MAX_TIMER_MS } from "./drain.ts";
import { requireMs } from "./duration.ts";

/** A signal that ends the program. */
export type StopSignal = "SIGHUP" | "SIGINT" | "SIGTERM";

/** The exit codes of a second signal: as a shell reports a program that the signal has ended. */
const EXIT_CODES: Record<StopSignal, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * How long after the first signal another one counts as the same. `deno task` passes each SIGINT on twice, and a terminal
 * sends it to both programs. Less would end the drain by such an echo on a busy machine. More would make impatient users
 * wait.
 */
const ECHO_MS = 250;

/** The part of Deno in use. Its types are not there where the page is checked. */
interface Runtime {
  addSignalListener(signal: StopSignal, handler: () => void): void;
  exit(code: number): never;
}

/** Options of {@linkcode exitOnSignal}. */
export interface ExitOptions {
  /** Milliseconds that stopping may take. Then the program exits in any case. Default: 30000. */
  graceMs?: number;
  /**
   * Milliseconds from the end of stopping to the exit. When an answer counts as sent, its last bytes may still be on
   * their way. Default: 100.
   */
  lingerMs?: number;
}

/**
 * Ends the program, on Deno, at SIGHUP, SIGINT or SIGTERM. Without this, live workers would keep it alive, and so would a
 * client that never sends the rest of its request.
 *
 * @param stop Called at the first signal. When it is done, the program exits with 0; if it fails, with 1. At a second
 * signal the program exits at once, with 128 and the signal's number.
 * @throws {RangeError} If `graceMs` or `lingerMs` is negative or NaN.
 *
 * @example
 * ```ts ignore
 * exitOnSignal(() => work.drain().then(() => pool.close()));
 * ```
 */
export function exitOnSignal(
  stop: (signal: StopSignal) => Promise<unknown>,
  { graceMs = 30_000, lingerMs = 100 }: ExitOptions = {},
): void {
  // A timer would take it for no time at all, and each stop would cut what runs.
  requireMs("graceMs", graceMs);
  requireMs("lingerMs", lingerMs);
  const { Deno } = globalThis as unknown as { Deno: Runtime };
  let stoppingSince: number | undefined;
  for (const signal of Object.keys(EXIT_CODES) as StopSignal[]) {
    Deno.addSignalListener(signal, () => {
      const now = performance.now();
      if (stoppingSince === undefined) {
        stoppingSince = now;
        setTimeout(() => Deno.exit(0), Math.min(graceMs, MAX_TIMER_MS));
        // It may throw at once.
        Promise.resolve(signal).then(stop).then(
          () => setTimeout(() => Deno.exit(0), lingerMs),
          (error) => {
            console.error(error);
            Deno.exit(1);
          },
        );
      } else if (now - stoppingSince > ECHO_MS) {
        Deno.exit(EXIT_CODES[signal]);
      }
    });
  }
}
