import type { Clock } from "./clock.ts";
import type { Dispatcher } from "./queueing/dispatcher.ts";
import { waitFor } from "./wait_for.ts";

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
  pool: Dispatcher,
  graceMs: number,
  cancelGraceMs: number,
  terminate: boolean,
  clock: Clock,
): Promise<CloseReport> {
  const within = (deadlineMs: number, promise: Promise<void>) =>
    waitFor(promise, { deadlineMs, clock }).catch(() => {});
  pool.seal();
  await within(graceMs, pool.settled());
  const abandoned = pool.abandon();
  await within(cancelGraceMs, pool.quiet());
  return { abandoned, wedged: await pool.end(terminate) };
}
