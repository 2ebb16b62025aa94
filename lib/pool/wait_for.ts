import type { Clock } from "./clock.ts";
import { DeadlineExceededError } from "./errors.ts";

/** What ends a wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
  /** Milliseconds of the deadline that have passed already. Default: 0. */
  readonly spentMs?: number;
  readonly clock: Clock;
}

/**
 * Waits for a promise as long as signal and deadline allow. Leaves no timer and no listener behind.
 *
 * @param gaveUp Called with the reason, if the wait ended before the promise was settled.
 */
export function waitFor<T>(
  promise: Promise<T>,
  { signal, deadlineMs = Infinity, spentMs = 0, clock }: WaitOptions,
  gaveUp?: (reason: unknown) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      end();
      reject(reason);
      gaveUp?.(reason);
    };
    const aborted = () => giveUp(signal!.reason);
    const cancelTimer = deadlineMs === Infinity
      ? undefined
      : clock.after(deadlineMs - spentMs, () => giveUp(new DeadlineExceededError(deadlineMs)));
    const end = () => {
      cancelTimer?.();
      signal?.removeEventListener("abort", aborted);
    };
    signal?.addEventListener("abort", aborted);
    if (signal?.aborted) aborted();
    promise.finally(end).then(resolve, reject);
  });
}
