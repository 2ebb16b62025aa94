import type { Clock } from "../clock.ts";
import type { Sent } from "../job.ts";
import { CUT_WITHIN_MS } from "../policy.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** A call that its worker was told to stop. */
export type Cancelling = ReturnType<typeof awaitStop>;

/**
 * Waits for a worker to stop a call that it was told to stop, and terminates the worker if it does not.
 *
 * @param graceMs How long the worker is given.
 */
export function awaitStop(worker: WorkerHandle, sent: Sent, graceMs: number, clock: Clock) {
  let isOver = false;
  let cancelTimer = clock.after(graceMs, giveUp);

  function giveUp(): void {
    const { limitMs, startedAt } = sent;
    const cutAt = worker.hasWatchdog && limitMs > 0 ? startedAt + limitMs + CUT_WITHIN_MS : 0;
    const leftMs = cutAt - clock.now();
    if (leftMs <= 0) return terminate();
    // Its watchdog will cut the call by then. Terminating the worker now would not stop its thread sooner, and a
    // successor would run beside it.
    terminateIn(leftMs);
    // But no watchdog cuts an async method that waits for something. Its thread is free, so it answers a ping, and
    // ends when it is terminated. The timer of 0 ms lets the call's own answer be read first: it may have been posted
    // just after the ping's.
    worker.ping(() => isOver || terminateIn(0));
  }

  function terminateIn(ms: number): void {
    cancelTimer();
    cancelTimer = clock.after(ms, terminate);
  }

  function terminate(): void {
    worker.terminate(new Error(`Worker did not stop ${sent.job.method}()`));
  }

  return {
    sent,
    /** Stops waiting: the call has stopped, or its worker is about to end anyway. */
    end() {
      isOver = true;
      cancelTimer();
    },
  };
}
