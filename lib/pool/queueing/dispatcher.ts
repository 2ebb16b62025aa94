import type { Health } from "../backend.ts";
import type { Clock } from "../clock.ts";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  type Refused,
} from "../errors.ts";
import type { CallTiming, Candidate, Job, Sent } from "../job.ts";
import type { Ending, Meter } from "../meter.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Stoppable } from "../shutdown.ts";
import type { PoolHealth, PoolStats } from "../stats.ts";
import type { Slot } from "../workers/slot.ts";
import { Supervisor } from "../workers/supervisor.ts";
import { Admission } from "./admission.ts";
import { dueAt, limitMs, outOfTime, patience } from "./bounds.ts";
import { Deadlines } from "./deadlines.ts";
import { type Next, Outcomes } from "./outcomes.ts";
import { inMicrotask, Settlement } from "./settlement.ts";

/**
 * Takes jobs through queue and slots to their end. `submit` takes a job in, `#dispatch` starts what can start. A job
 * ends by `#afterRun` (its worker answered or died), `#boundPassed` (a deadline) or `stop` (an abort, for example).
 * Whichever comes first counts: the {@linkcode Settlement} ignores the others.
 */
export class Dispatcher implements Stoppable {
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #supervisor: Supervisor;
  readonly #admission: Admission;
  readonly #settlement: Settlement;
  readonly #deadlines: Deadlines<Job>;
  /** Clears the timer that tries again to start a long call. */
  #cancelLook: (() => void) | undefined;
  /** How many callers wait for room. */
  #roomsAwaited = 0;
  #phase: "open" | "closing" | "closed" = "open";

  constructor(options: ResolvedOptions, meter: Meter) {
    this.#options = options;
    this.#clock = options.clock;
    this.#meter = meter;
    this.#settlement = new Settlement(meter);
    this.#deadlines = new Deadlines(options.clock, (job) => this.#boundPassed(job));
    const outcomes = new Outcomes(meter, options.onRun);
    this.#supervisor = new Supervisor(options, {
      free: () => this.#dispatch(),
      returned: (sent, outcome, now) => this.#afterRun(sent, outcomes.returned(sent, outcome, now)),
      reported: ({ job }, value, read) => {
        if (job.reportQueue) job.reportQueue.push(value, read);
        else read();
      },
      takenBack: (jobs) => this.#takeBack(jobs),
      lost: (sent, cause) => this.#afterRun(sent, outcomes.lost(sent, cause, this.#clock.now())),
      unusable: (error) => {
        // The waiting calls would wait for ever. Calls that a worker has are not touched.
        const waiting = this.#settlement.jobs.filter(({ place }) => place);
        this.#stopAll(waiting, "crashed", error);
      },
    });
    const { slots, roster } = this.#supervisor;
    this.#admission = new Admission(slots, roster, options.maxQueue, options.clock);
    this.#supervisor.start();
  }

  get ready(): Promise<void> {
    return this.#supervisor.ready;
  }

  get waiting(): number {
    return this.#admission.length;
  }

  get isFull(): boolean {
    return this.#admission.isFull;
  }

  /** See {@linkcode WorkerPool.health}. */
  health(): Omit<PoolHealth, keyof Health> {
    const { isFailing, loadFailure, roster: { usable, serving } } = this.#supervisor;
    const state = this.#phase === "open" && isFailing ? "failing" : this.#phase;
    return { state, loadFailure, usable, serving };
  }

  /** What of the pool's statistics is known here. */
  stats(): Pick<PoolStats, "state" | "slots" | "queue" | "loadFailure"> & { wedged: number } {
    const { slots, wedged } = this.#supervisor;
    const { state, loadFailure } = this.health();
    const { length, long, predictedWaitMs } = this.#admission;
    return {
      loadFailure,
      state,
      slots: slots.map((slot) => slot.stats()),
      queue: { length, long, max: this.#options.maxQueue, predictedWaitMs },
      wedged,
    };
  }

  /** Sends a new job to a worker, puts it into the queue, or refuses it. */
  submit(job: Job): void {
    const { signal } = job.options;
    this.#settlement.add(job);
    this.#admission.came(job);
    if (signal?.aborted) return this.stop(job, "aborted", signal.reason);
    if (this.#phase !== "open") {
      return this.stop(job, "closed", new PoolClosedError("Pool is closed"));
    }
    const unusable = this.#supervisor.unusable;
    if (unusable) return this.stop(job, "crashed", unusable);
    const slot = this.#admission.slotNow(job);
    const refused = this.#admission.refusal(job, slot);
    if (refused) return this.#refuse(job, refused);
    signal?.addEventListener("abort", job.onAbort!);
    if (slot) return this.#start(job, slot, job.submittedAt);
    const out = this.#admission.pushedOut(job);
    if (out) this.#refuse(out.job, out.refused);
    this.#wait(job, "last");
  }

  /** Why a job would be refused now, if it would be. */
  refusal(job: Candidate): Refused | undefined {
    return this.#phase === "open" ? this.#admission.refusal(job) : undefined;
  }

  /** Ends a job that nobody waits for any more, wherever it is. */
  stop(job: Job, ending: Ending, reason: unknown): void {
    this.#stopAll([job], ending, reason);
  }

  /** Aborts all jobs that have not been started. @returns How many that were. */
  cancelWaiting(reason: unknown): number {
    const waiting = this.#settlement.jobs.filter((job) =>
      job.place || (job.sent && this.#slotOf(job.sent).withdraw(job.sent))
    );
    this.#stopAll(waiting, "aborted", reason);
    return waiting.length;
  }

  /** Resolves when a call would not be refused for a full queue, or when none ever will be taken. */
  async room(job: Candidate, signal?: AbortSignal): Promise<void> {
    const hasRoom = () =>
      this.#phase !== "open" || this.#supervisor.unusable !== undefined ||
      this.#admission.hasRoomFor(job);
    signal?.throwIfAborted();
    if (hasRoom()) return;
    this.#roomsAwaited++;
    this.#lookAgain();
    try {
      await this.#settlement.until(hasRoom, signal);
    } finally {
      this.#roomsAwaited--;
      this.#lookAgain();
    }
  }

  /**
   * Ends all of these jobs, then starts others in their place.
   *
   * No caller's code runs inside the loop: callers learn of `settle` and `reject` in microtasks. (A tracer's
   * `started` may run, and must not call the pool.) So a listener that calls or aborts because a job has settled
   * finds this loop done. An abort signal may belong to many jobs: it calls `stop` for one after the other, never one
   * inside another.
   *
   * The pool's own code does re-enter: `#dismiss` of a running job takes back what was sent behind it, and that
   * dispatches. So a job further down the list may be sent anew before the loop comes to it. It then has a `sent`, by
   * which `#dismiss` takes it out of the outbox again: calls are posted in a microtask, too.
   */
  #stopAll(jobs: readonly Job[], ending: Ending, reason: unknown): void {
    for (const job of jobs) {
      if (!this.#settlement.settle(job, ending, reason)) continue;
      this.#dismiss(job);
      job.reject(reason);
    }
    // A job that was taken out of an outbox has left its worker idle, and no message will tell of it.
    this.#dispatch();
  }

  seal(): void {
    this.#phase = "closing";
    this.#supervisor.seal(this.#settlement.size === 0);
    this.#settlement.changed();
  }

  settled(): Promise<void> {
    return this.#settlement.until(() => this.#settlement.size === 0);
  }

  abandon(): number {
    const left = this.#settlement.jobs;
    this.#stopAll(left, "closed", new PoolClosedError("Pool was closed"));
    return left.length;
  }

  quiet(): Promise<void> {
    return this.#settlement.until(() => this.#supervisor.slots.every((slot) => !slot.isOccupied));
  }

  async end(terminate: boolean): Promise<number> {
    this.#deadlines.clear();
    this.#cancelLook?.();
    this.#supervisor.retire();
    if (terminate) await this.#supervisor.terminate();
    this.#phase = "closed";
    return this.#supervisor.wedged;
  }

  /** Starts waiting jobs, in their turn, as long as there is room. */
  #dispatch(): void {
    for (let next; (next = this.#admission.next());) {
      this.#deadlines.delete(next.job);
      this.#start(next.job, next.slot, this.#clock.now());
    }
    this.#lookAgain();
    this.#settlement.changed();
  }

  /** No event says that a long call may start because another worker will soon be free. A timer looks again. */
  #lookAgain(): void {
    this.#cancelLook?.();
    const isAwaited = this.#admission.long > 0 || this.#roomsAwaited > 0;
    const changesInMs = isAwaited ? this.#admission.changesInMs : undefined;
    this.#cancelLook = changesInMs === undefined
      ? undefined
      : this.#clock.after(changesInMs, () => this.#dispatch());
  }

  #slotOf({ slot }: Sent): Slot {
    return this.#supervisor.slots[slot]!;
  }

  #start(job: Job, slot: Slot, now: number): void {
    this.#admission.took(slot);
    // An idle worker starts it at once. Behind another call it still waits for its start.
    const startBy = slot.state === "idle" ? Infinity : job.submittedAt + patience(job);
    this.#deadlines.set(job, Math.min(startBy, dueAt(job, now)), now);
    job.sent = slot.send(job, limitMs(job, now, this.#options.cancelGraceMs), now);
  }

  /**
   * A deadline that was set for a job has passed. If the job was sent behind others, it isn't known here which bound
   * matters: that depends on whether its worker has started it.
   */
  #boundPassed(job: Job): void {
    const { sent } = job;
    const now = this.#clock.now();
    if (sent) {
      const slot = this.#slotOf(sent);
      const startBy = job.submittedAt + patience(job);
      // Its worker has not started it, and may still do so in time.
      if (startBy > now && !slot.hasStarted(sent)) {
        return this.#deadlines.set(job, Math.min(startBy, Math.max(now + 1, dueAt(job, now))), now);
      }
      if (!slot.withdraw(sent)) {
        const at = dueAt(job, sent.startedAt);
        // It was started in time, and may run until then.
        if (at > now) return this.#deadlines.set(job, at, now);
        return this.stop(job, "expired", outOfTime(job, now));
      }
    }
    job.sent = undefined;
    if (job.started) return this.stop(job, "expired", new DeadlineExceededError(patience(job)));
    this.#refuse(job, this.#admission.tooLate(job));
  }

  #refuse(job: Job, { message, retryAfterMs, reason }: Refused): void {
    this.#meter.refused(reason);
    this.stop(job, "refused", new OverloadedError(message, retryAfterMs, reason));
  }

  #wait(job: Job, place: "first" | "last"): void {
    this.#admission.add(job, place);
    this.#deadlines.set(job, job.submittedAt + patience(job), this.#clock.now());
    if (job.lane === "long") this.#lookAgain();
  }

  /** Removes a settled job from the queue, or stops it at its worker. */
  #dismiss(job: Job): void {
    this.#deadlines.delete(job);
    if (job.place) this.#admission.remove(job);
    if (job.sent) this.#slotOf(job.sent).cancel(job.sent);
  }

  #afterRun(sent: Sent, next: Next): void {
    const { job } = sent;
    if (!next) return;
    switch (next.do) {
      case "resolve": {
        const resolve = () => this.#resolve(sent, next.value, next.timing);
        const drained = job.options.reports === "all" && !sent.withdrawn &&
          job.reportQueue?.drained;
        if (!drained) return resolve();
        // It has run, and its listener has not read all reports: of its bounds only the deadline counts now.
        job.started = true;
        const now = this.#clock.now();
        this.#deadlines.set(job, job.submittedAt + (job.options.deadlineMs ?? Infinity), now);
        drained.then(resolve);
        return;
      }
      case "stop":
        if (next.ending === "failed") this.#slotOf(sent).count("failed");
        return this.stop(job, next.ending, next.reason);
      case "wait":
        this.#wait(job, next.where);
        return this.#dispatch();
    }
  }

  #resolve({ job, slot }: Sent, value: unknown, timing: CallTiming): void {
    const { onTiming } = job.options;
    if (!this.#settlement.settle(job, "done")) return;
    this.#supervisor.slots[slot]!.count("done");
    // It may have been taken back after it had run and before its answer came: then it waits or runs again, and is
    // removed here. Not before it is settled: cancelling its second run could take it back once more, and leave it in
    // the queue.
    this.#dismiss(job);
    if (onTiming) inMicrotask(() => onTiming(timing));
    job.resolve(value as never);
  }

  #takeBack(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      job.sent = undefined;
      if (!job.settled) this.#wait(job, "first");
    }
    this.#dispatch();
  }
}
