import { deferred } from "../deferred.ts";
import type { Job, Sent } from "../job.ts";
import { CUT_WITHIN_MS } from "../policy.ts";
import { Mailbox } from "../sending/mailbox.ts";
import type { Outcome } from "../sending/protocol.ts";
import type { SlotState, SlotStats } from "../stats.ts";
import { carrierOf } from "../trace.ts";
import { Restarts } from "./restarts.ts";
import type { SlotOptions } from "./slot_events.ts";
import { WorkerHandle } from "./worker_handle.ts";

/**
 * One place of the pool's fixed array. The slot stays, while the workers in it come and go.
 *
 * ```
 *             ready          send                cancel
 *  starting ────────► idle ◄──────► busy ─────────────────► cancelling
 *    ▲  │ died          │    return   │                      │     │ no answer: terminate
 *    │  ▼               └──────┬──────┴──────────────────────┘     ▼
 *  restarting ◄────────────────┘ died                          wedged, if its thread lives on:
 *       │                                                      starting, if that is allowed
 *       └──► failed, when the budget is spent                  or when the thread ends after all
 * ```
 */
export class Slot {
  /** Its place in the array. */
  readonly index: number;
  readonly #options: SlotOptions;
  #ownPhase: Exclude<SlotState, "idle" | "busy"> | "serving" = "starting";
  #worker: WorkerHandle | undefined;
  #mailbox: Mailbox | undefined;
  #cancelled: Sent | undefined;
  #cancelTimer: (() => void) | undefined;
  #ended = deferred<boolean>();

  #starts = 0;
  #done = 0;
  #failed = 0;
  readonly #restarts = new Restarts();

  constructor(index: number, options: SlotOptions) {
    this.index = index;
    this.#options = options;
  }

  get #phase(): Exclude<SlotState, "idle" | "busy"> | "serving" {
    return this.#ownPhase;
  }

  set #phase(phase) {
    this.#ownPhase = phase;
    this.#options.events.changed();
  }

  /** See {@linkcode SlotState}. */
  get state(): SlotState {
    if (this.#phase !== "serving") return this.#phase;
    return this.#mailbox!.size === 0 ? "idle" : "busy";
  }

  /** Whether its worker is on a call. */
  get isOccupied(): boolean {
    return this.state === "busy" || this.state === "cancelling";
  }

  /** When its worker will have done what it has, by estimate; now, if it has nothing. */
  get endsAt(): number {
    return this.#mailbox?.endsAt ?? this.#options.clock.now();
  }

  /**
   * Milliseconds until its worker is free, by estimate. What has overrun its estimate by x ms is expected to run for
   * another x ms.
   */
  get remainingMs(): number {
    return Math.abs(this.endsAt - this.#options.clock.now());
  }

  /** An upper bound of {@linkcode remainingMs}, cheaper: as if none of its work were done yet. */
  get loadMs(): number {
    return this.#mailbox?.loadMs ?? 0;
  }

  /** Whether a call can be sent now, to wait behind others. */
  get hasRoom(): boolean {
    return this.#phase === "serving" && this.#mailbox!.hasRoom;
  }

  /** Whether its worker has started a call. */
  hasStarted(sent: Sent): boolean {
    return this.#mailbox?.hasStarted(sent) ?? true;
  }

  /** Takes a call back. @returns Whether it had not been started. */
  withdraw(sent: Sent): boolean {
    const isWithdrawn = this.#mailbox?.withdraw(sent) ?? false;
    this.#options.events.changed();
    return isWithdrawn;
  }

  /** Sends a call that there is room for. See {@linkcode Mailbox.send}. */
  send(job: Job, limitMs: number, now: number): Sent {
    const carrier = job.trace && carrierOf(job.trace, this.index);
    const sent = this.#mailbox!.send(job, limitMs, now, carrier);
    this.#options.events.changed();
    return sent;
  }

  /**
   * Stops a call that nobody waits for any more. If its worker is on it and does not stop within
   * `cancelGraceMs`, the worker is replaced, unless its watchdog is about to cut the call.
   */
  cancel(sent: Sent): void {
    const mustStop = this.#mailbox?.cancel(sent);
    this.#options.events.changed();
    if (!mustStop) return;
    // In any other phase the worker is about to end anyway.
    if (this.#phase !== "serving" && this.#phase !== "cancelling") return;
    const { cancelGraceMs, clock } = this.#options;
    this.#phase = "cancelling";
    this.#cancelled = sent;
    this.#setTimer(clock.after(cancelGraceMs, () => this.#giveUp(sent)));
    this.#takeBack();
  }

  /** The worker has not stopped a call that it was told to stop. */
  #giveUp(sent: Sent): void {
    const worker = this.#worker!;
    const terminate = () => worker.terminate(new Error(`Worker did not stop ${sent.job.method}()`));
    const { clock } = this.#options;
    const cutAt = worker.hasWatchdog && sent.limitMs > 0
      ? sent.startedAt + sent.limitMs + CUT_WITHIN_MS
      : 0;
    const leftMs = cutAt - clock.now();
    if (leftMs <= 0) return terminate();
    // Its watchdog will cut the call by then. Terminating the worker now would not stop its thread sooner, and a
    // successor would run beside it.
    this.#setTimer(clock.after(leftMs, terminate));
    // But no watchdog cuts an async method that waits for something. Then the thread is free, answers a ping, and
    // does end when it is terminated. The timer of 0 ms is there because the call may have stopped just after the
    // ping was answered: the news of that is read first.
    worker.ping(() => {
      const isHeld = this.#cancelled === sent && worker === this.#worker;
      if (isHeld) this.#setTimer(clock.after(0, terminate));
    });
  }

  /** Starts the slot's worker. */
  start(): void {
    this.#setTimer();
    this.#phase = "starting";
    this.#starts++;
    try {
      const worker: WorkerHandle = new WorkerHandle(this.#options, {
        ready: () => this.#ready(worker),
        // A terminated thread may run on, and answer or report after its successor has started. Cells have the same
        // numbers in every worker, so its news would hit the successor's calls. The mailbox itself is safe: what
        // Comlink brings goes to the old one, which has forgotten all calls.
        answered: (answers) => {
          if (worker === this.#worker) this.#mailbox?.answered(answers);
        },
        reported: (report) => {
          if (worker === this.#worker) this.#mailbox?.reported(report);
        },
        doomed: () => this.#doomed(),
        wedged: (cause) => this.#wedged(cause),
        died: (cause) => this.#died(worker, cause),
      });
      this.#worker = worker;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#options.events.crashed(cause, false);
      this.#replace(cause, false);
    }
  }

  /** Retires the slot: its worker takes no more calls, and has no successor. */
  retire(): void {
    this.#setTimer();
    this.#phase = "closed";
  }

  /**
   * Ends the worker of a slot that is retired.
   *
   * @returns Whether its thread has ended; false if it runs on.
   */
  close(): Promise<boolean> {
    const worker = this.#worker;
    if (!worker) return Promise.resolve(true);
    worker.terminate(new Error("Pool is closed"));
    return this.#ended.promise;
  }

  /** Counts a call of this slot that has ended with its value or its own error. */
  count(ending: "done" | "failed"): void {
    if (ending === "done") this.#done++;
    else this.#failed++;
  }

  /** Takes a snapshot of the slot. */
  stats(): SlotStats {
    const head = this.#mailbox?.head;
    return {
      slot: this.index,
      state: this.state,
      job: head && !head.withdrawn
        ? {
          id: head.job.id,
          method: head.job.method,
          tag: head.job.options.tag,
          runningMs: this.#options.clock.now() - head.startedAt,
        }
        : null,
      inFlight: this.#mailbox?.size ?? 0,
      done: this.#done,
      failed: this.#failed,
      restarts: Math.max(0, this.#starts - 1),
    };
  }

  #ready(worker: WorkerHandle): void {
    if (this.#phase === "closed") return;
    this.#restarts.ready();
    this.#mailbox = new Mailbox(this.index, worker, this.#options.clock, {
      returned: (sent, outcome, now) => this.#returned(sent, outcome, now),
      reported: (sent, value, read) => this.#options.events.reported(sent, value, read),
      freed: () => {
        this.#options.events.changed();
        this.#options.events.free();
      },
      takenBack: (jobs) => this.#tookBack(jobs),
    });
    this.#phase = "serving";
    this.#options.events.ready();
    this.#options.events.free();
  }

  #returned(sent: Sent, outcome: Outcome, now: number): void {
    if (sent === this.#cancelled) {
      this.#cancelled = undefined;
      this.#setTimer();
      if (this.#phase === "cancelling") this.#phase = "serving";
    }
    this.#options.events.changed();
    if (!sent.withdrawn) this.#restarts.answered();
    this.#options.events.returned(sent, outcome, now);
  }

  /** The worker will end: what it has not started is taken back, to run elsewhere. */
  #doomed(): void {
    this.#setTimer();
    if (this.#phase === "serving") this.#phase = "restarting";
    this.#takeBack();
  }

  #wedged(cause: Error): void {
    this.#abandon(cause);
    const wasClosed = this.#phase === "closed";
    if (!wasClosed) this.#phase = "wedged"; // Set before notifying: the listener reads it.
    const mayStart = this.#options.events.wedged(cause);
    if (wasClosed) this.#ended.resolve(false);
    else if (mayStart) this.start();
  }

  #died(worker: WorkerHandle, cause: Error): void {
    if (worker !== this.#worker) {
      return this.#options.events.unwedged();
    }
    if (this.#phase !== "closed") this.#phase = "restarting";
    this.#setTimer();
    if (this.#mailbox) this.#mailbox.awaitLastAnswers(() => this.#afterDeath(worker, cause));
    else this.#afterDeath(worker, cause);
  }

  #afterDeath(worker: WorkerHandle, cause: Error): void {
    worker.dispose();
    const wasOnCall = this.#abandon(cause);
    if (this.#phase === "closed") return this.#ended.resolve(true);
    this.#options.events.crashed(cause, worker.wasReady);
    this.#replace(cause, wasOnCall);
  }

  /** Gives up all calls of the worker, and forgets it. @returns Whether it was on a call. */
  #abandon(cause: Error): boolean {
    const mailbox = this.#mailbox;
    // Set first: what is taken back is dispatched again at once, and must not be sent to this slot.
    if (this.#phase !== "closed") this.#phase = "restarting";
    this.#setTimer();
    this.#takeBack();
    this.#worker = this.#mailbox = this.#cancelled = undefined;
    const started = mailbox?.close() ?? [];
    for (const sent of started) this.#options.events.lost(sent, cause);
    return started.some((sent) => !sent.withdrawn);
  }

  #replace(cause: Error, wasOnCall: boolean): void {
    const { startLater, events } = this.#options;
    const pauseMs = this.#restarts.died(wasOnCall);
    if (pauseMs === undefined) {
      this.#phase = "failed";
      return events.failed(cause);
    }
    this.#phase = "restarting";
    this.#setTimer(startLater(pauseMs, () => this.start()));
  }

  #takeBack(): void {
    this.#tookBack(this.#mailbox?.takeBack() ?? []);
  }

  #tookBack(jobs: Job[]): void {
    this.#options.events.changed();
    if (jobs.length > 0) this.#options.events.takenBack(jobs);
  }

  /** Sets the slot's timer, and clears the one before: a slot never waits for two things. */
  #setTimer(cancel?: () => void): void {
    this.#cancelTimer?.();
    this.#cancelTimer = cancel;
  }
}
