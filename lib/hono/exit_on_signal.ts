/** A signal that ends the program. */
export type StopSignal = "SIGHUP" | "SIGINT" | "SIGTERM";

/** What the program exits with at a second signal: what a shell says of one that the signal has ended. */
const EXIT_CODES: Record<StopSignal, number> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * How long after the first signal another counts as the same: `deno task` passes each SIGINT on twice, and
 * a terminal's reaches both it and us. Shorter, and on a busy machine an echo would end what the first one
 * asked to finish; longer, and whoever is impatient has to wait.
 */
const ECHO_MS = 250;

/** The longest that a timer takes, 24 days: one millisecond more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The part of Deno in use: the types of browsers, which a page's checks have, don't know it. */
interface Runtime {
  addSignalListener(signal: StopSignal, handler: () => void): void;
  exit(code: number): never;
}

/** Options of {@linkcode exitOnSignal}. */
export interface ExitOptions {
  /** Milliseconds that stopping may take; then the program exits all the same. Default: 30000. */
  graceMs?: number;
  /**
   * Milliseconds from the end of stopping to the exit: when an answer counts as sent, its last bytes are still on their
   * way. Default: 100.
   */
  lingerMs?: number;
}

/**
 * Ends the program, on Deno, when it is told to: by SIGHUP, SIGINT or SIGTERM. Live workers would keep it alive, and a
 * client that never sends the rest of its request would be waited for without an end.
 *
 * @param stop Called at the first signal. When it is done, the program exits with 0; if it fails, with 1. A second signal
 * is not waited for: the program exits at once, with 128 and the signal's number.
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
  const { Deno } = globalThis as unknown as { Deno: Runtime };
  let stoppingSince: number | undefined;
  for (const signal of Object.keys(EXIT_CODES) as StopSignal[]) {
    Deno.addSignalListener(signal, () => {
      const now = performance.now();
      if (stoppingSince === undefined) {
        stoppingSince = now;
        setTimeout(() => Deno.exit(0), Math.min(graceMs, MAX_TIMER_MS));
        stop(signal).then(() => setTimeout(() => Deno.exit(0), lingerMs), (error) => {
          console.error(error);
          Deno.exit(1);
        });
      } else if (now - stoppingSince > ECHO_MS) {
        Deno.exit(EXIT_CODES[signal]);
      }
    });
  }
}
