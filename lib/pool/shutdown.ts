import type { Clock } from "./clock.ts";

/** What {@linkcode shutDown} closes: a pool, as the steps see it. */
export interface Stoppable {
  /** Takes no more calls. */
  seal(): void;
  /** Resolves when no call is unsettled. */
  settled(): Promise<void>;
  /** Rejects what is unsettled, and tells the workers to stop. @returns How many calls that were. */
  abandon(): number;
  /** Resolves when no worker is on a call. */
  quiet(): Promise<void>;
  /**
   * Retires the workers.
   *
   * @param terminate Whether their threads are ended too.
   * @returns How many threads could not be ended.
   */
  end(terminate: boolean): Promise<number>;
}

/** How a pool is closed. */
export interface CloseOptions {
  /** Milliseconds for the calls under way to finish. Default: 5000. */
  graceMs?: number;
  /**
   * Whether the workers' threads are ended. Default: true. Give false if the process exits right after: its exit ends
   * all of them at once, while ending 200 one by one takes seconds. Workers that were not ended keep the process from
   * ending by itself.
   */
  terminate?: boolean;
}

/** What was left when a pool was closed. */
export interface CloseReport {
  /** Calls that were rejected because they were not finished in time. */
  readonly abandoned: number;
  /** Threads that could not be ended, of those that were told to. */
  readonly wedged: number;
}

/**
 * Closes a pool:
 *
 * 1. It takes no more calls. A call that races with this is taken or rejected: both happen on one thread.
 * 2. The calls under way and in the queue finish, until `graceMs` have passed.
 * 3. Those left are rejected, and their workers told to stop.
 * 4. The workers stop, until `cancelGraceMs` have passed: a worker that is idle when it is terminated is
 *    gone at once, on every platform.
 * 5. The workers are terminated, unless they are left to the process's exit.
 */
export async function shutDown(
  pool: Stoppable,
  graceMs: number,
  cancelGraceMs: number,
  terminate: boolean,
  clock: Clock,
): Promise<CloseReport> {
  pool.seal();
  await within(graceMs, pool.settled(), clock);
  const abandoned = pool.abandon();
  await within(cancelGraceMs, pool.quiet(), clock);
  return { abandoned, wedged: await pool.end(terminate) };
}

/** Waits for a promise, or for the time to pass, whichever comes first. */
function within(ms: number, promise: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve());
    promise.then(() => {
      cancel();
      resolve();
    });
  });
}
