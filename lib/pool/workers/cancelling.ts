import type { Clock } from "../clock.ts";
import type { Sent } from "../job.ts";
import { CUT_WITHIN_MS } from "../policy.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** Waits for a worker to stop a call that it was told to stop, and terminates the worker if it does not. */
export class Cancelling {
  /** The call. */
  readonly sent: Sent;
  readonly #worker: WorkerHandle;
  readonly #clock: Clock;
  #isOver = false;
  #cancelTimer: () => void;

  /** @param graceMs How long the worker is given. */
  constructor(worker: WorkerHandle, sent: Sent, graceMs: number, clock: Clock) {
    this.sent = sent;
    this.#worker = worker;
    this.#clock = clock;
    this.#cancelTimer = clock.after(graceMs, () => this.#giveUp());
  }

  /** Stops waiting: the call has stopped, or its worker is about to end anyway. */
  end(): void {
    this.#isOver = true;
    this.#cancelTimer();
  }

  #giveUp(): void {
    const { limitMs, startedAt } = this.sent;
    const cutAt = this.#worker.hasWatchdog && limitMs > 0 ? startedAt + limitMs + CUT_WITHIN_MS : 0;
    const leftMs = cutAt - this.#clock.now();
    if (leftMs <= 0) return this.#terminate();
    // Its watchdog will cut the call by then. Terminating the worker now would not stop its thread sooner, and a
    // successor would run beside it.
    this.#terminateIn(leftMs);
    // But no watchdog cuts an async method that waits for something. Its thread is free, so it answers a ping, and
    // ends when it is terminated. The timer of 0 ms lets the call's own answer be read first: it may have been posted
    // just after the ping's.
    this.#worker.ping(() => this.#isOver || this.#terminateIn(0));
  }

  #terminateIn(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(ms, () => this.#terminate());
  }

  #terminate(): void {
    this.#worker.terminate(new Error(`Worker did not stop ${this.sent.job.method}()`));
  }
}
