import { OverloadedError, PoolClosedError, type Refused } from "../errors.ts";
import type { CallTiming, Candidate, Job, Sent } from "../job.ts";
import type { Ending, Meter } from "../meter.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Left } from "../workers/slot_events.ts";
import type { Slot } from "../workers/slot.ts";
import { Supervisor } from "../workers/supervisor.ts";
import { Admission } from "./admission.ts";
import { limitMs } from "./bounds.ts";
import { type Next, Outcomes } from "./outcomes.ts";
import { Recheck } from "./recheck.ts";
import { Settlement } from "./settlement.ts";
import { Timekeeper } from "./timekeeper.ts";

/**
 * Takes jobs through queue and slots to their end. A job ends by `#left` (its worker answered or died), by the
 * {@linkcode Timekeeper} or by `stop` (an abort, for example). Only the first end counts: the {@linkcode Settlement}
 * ignores others.
 */
export class Dispatcher {
  readonly supervisor: Supervisor;
  readonly admission: Admission;
  phase: "open" | "closing" | "closed" = "open";
  readonly #options: ResolvedOptions;
  readonly #meter: Meter;
  readonly #outcomes: Outcomes;
  readonly #settlement: Settlement;
  readonly #timekeeper: Timekeeper;
  readonly #recheck: Recheck;

  constructor(options: ResolvedOptions, meter: Meter) {
    this.#options = options;
    this.#meter = meter;
    this.#settlement = new Settlement(meter);
    this.#outcomes = new Outcomes(meter, options.observers);
    this.#timekeeper = new Timekeeper(
      options.clock,
      (job) => this.#refuse(job, this.admission.tooLate(job)),
      (job, reason) => this.stop(job, "expired", reason),
    );
    this.supervisor = new Supervisor(options, {
      left: (calls) => this.#left(calls),
      reported: ({ reportQueue }, value, read) => {
        if (reportQueue) reportQueue.push(value, read);
        else read();
      },
      unusable: (error) => {
        // The waiting calls would wait for ever. Calls that a worker has are not touched.
        const waiting = [...this.#settlement.unsettled].filter(({ place }) => place);
        this.#stopAll(waiting, "crashed", error);
      },
    });
    const { slots, roster } = this.supervisor;
    this.admission = new Admission(slots, roster, options.maxQueue, options.clock);
    this.#recheck = new Recheck(options.clock, this.admission, () => this.#dispatch());
  }

  /** Sends a new job to a worker, puts it into the queue, or refuses it. */
  submit(job: Job): void {
    const { signal } = job.options;
    this.#settlement.unsettled.add(job);
    this.admission.placement.came(job);
    if (signal?.aborted) return this.stop(job, "aborted", signal.reason);
    if (this.phase !== "open") {
      return this.stop(job, "closed", new PoolClosedError("Pool is closed"));
    }
    const unusable = this.supervisor.unusable;
    if (unusable) return this.stop(job, "crashed", unusable);
    const slot = this.admission.placement.slotNow(job);
    const refused = this.admission.refusal(job, slot);
    if (refused) return this.#refuse(job, refused);
    signal?.addEventListener("abort", job.onAbort!);
    if (slot) return this.#start(job, slot, job.submittedAt);
    const out = this.admission.pushedOut(job);
    this.#wait(job, "last");
    // Last: without the other one before it, the job may be able to start at once.
    if (out) this.#refuse(out.job, out.refused);
  }

  /** Why a job would be refused now, if it would be. It counts as refused then. */
  refusal(job: Candidate): Refused | undefined {
    const refused = this.phase === "open" ? this.admission.refusal(job) : undefined;
    if (refused) this.#meter.refusedBefore(refused.reason);
    return refused;
  }

  /** Ends a job that nobody waits for any more, wherever it is. */
  stop(job: Job, ending: Ending, reason: unknown): void {
    this.#stopAll([job], ending, reason);
  }

  /** Aborts all jobs that have not been started. @returns How many that were. */
  cancelWaiting(reason: unknown): number {
    const waiting = [...this.#settlement.unsettled].filter((job) =>
      job.place || job.sent?.slot.withdraw(job.sent)
    );
    this.#stopAll(waiting, "aborted", reason);
    return waiting.length;
  }

  /** Resolves when a call would not be refused for a full queue, or when none ever will be taken. */
  room(job: Candidate, signal?: AbortSignal): Promise<void> {
    const hasRoom = () =>
      this.phase !== "open" || this.supervisor.unusable !== undefined ||
      this.admission.hasRoomFor(job);
    return this.#recheck.during(() => this.#settlement.until(hasRoom, signal));
  }

  /** Takes no more calls. */
  seal(): void {
    this.phase = "closing";
    this.supervisor.seal();
    this.#settlement.changed();
  }

  settled(): Promise<void> {
    return this.#settlement.until(() => this.#settlement.unsettled.size === 0);
  }

  /** Rejects what is unsettled, and tells the workers to stop. @returns How many calls that were. */
  abandon(): number {
    const jobs = [...this.#settlement.unsettled];
    this.#stopAll(jobs, "closed", new PoolClosedError("Pool was closed"));
    return jobs.length;
  }

  /** Resolves when no worker is on a call. */
  quiet(): Promise<void> {
    const { roster } = this.supervisor;
    return this.#settlement.until(() => roster.serving === roster.idle);
  }

  /** Retires the workers, and ends their threads if that is wanted. @returns How many threads could not be ended. */
  async end(terminate: boolean): Promise<number> {
    this.#timekeeper.close();
    this.#recheck.cancel();
    this.supervisor.retire();
    if (terminate) await this.supervisor.terminate();
    this.phase = "closed";
    return this.supervisor.wedged;
  }

  /** Starts waiting jobs, in their turn, as long as there is room. */
  #dispatch(): void {
    for (let next; (next = this.admission.next());) {
      this.#start(next.job, next.slot, this.#options.clock.now());
    }
    this.#recheck.set();
    this.#settlement.changed();
  }

  #start(job: Job, slot: Slot, now: number): void {
    this.admission.placement.took(slot);
    this.#timekeeper.sent(job, slot, now);
    job.sent = slot.send(job, limitMs(job, now, this.#options.cancelGraceMs), now);
  }

  #wait(job: Job, place: "first" | "last"): void {
    this.admission.lanes.add(job, place);
    this.#timekeeper.waits(job);
    if (job.lane === "long") this.#recheck.set();
  }

  #refuse(job: Job, { message, retryAfterMs, reason }: Refused): void {
    this.#meter.refused(reason);
    this.stop(job, "refused", new OverloadedError(message, retryAfterMs, reason));
  }

  /**
   * Ends all of these jobs, then starts others in their place.
   *
   * No caller's code runs inside: callers learn of `settle` and `reject` in microtasks, when all of this is done. Only
   * a tracer's `started` may run in here, and must not call the pool.
   */
  #stopAll(jobs: readonly Job[], ending: Ending, reason: unknown): void {
    for (const job of jobs) this.#end(job, ending, reason);
    // If a job was taken out of an outbox, its worker may be idle now. No message will say so.
    this.#dispatch();
  }

  #end(job: Job, ending: Ending, reason: unknown): void {
    if (!this.#settlement.settle(job, ending, reason)) return;
    this.#dismiss(job);
    job.reject(reason);
  }

  /** Takes a settled job out of the queue, or tells its worker to stop it. */
  #dismiss(job: Job): void {
    this.#timekeeper.forget(job);
    if (job.place) this.admission.lanes.remove(job);
    if (job.sent) this.#requeue(job.sent.slot.cancel(job.sent));
  }

  /** Puts jobs that were taken back before all others, in their order. */
  #requeue(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      job.sent = undefined;
      if (!job.settled) this.#wait(job, "first");
    }
  }

  /** Calls have left a worker. Those that are done end, the others wait again. */
  #left({ returned = [], lost = [], cause, takenBack = [] }: Left): void {
    const now = this.#options.clock.now();
    this.#requeue(takenBack);
    // A caller's `onRun` may run in here. It may abort jobs of these lists, or make calls. So what was taken back is
    // in the queue by now, where `cancelWaiting` finds it.
    for (const { sent, answer } of returned) {
      this.#afterRun(sent, this.#outcomes.returned(sent, answer, now));
    }
    for (const sent of lost) this.#afterRun(sent, this.#outcomes.lost(sent, cause!, now));
    this.#dispatch();
  }

  #afterRun(sent: Sent, next: Next): void {
    const { job } = sent;
    switch (next?.do) {
      case "wait":
        return this.#wait(job, next.where);
      case "stop":
        if (next.ending === "failed") sent.slot.failed++;
        return this.#end(job, next.ending, next.reason);
      case "resolve": {
        const { reports } = job.options;
        const drained = reports === "all" && job.reportQueue?.drained;
        if (!drained) return this.#resolve(sent, next.value, next.timing);
        this.#timekeeper.reads(job);
        drained.then(() => {
          this.#resolve(sent, next.value, next.timing);
          this.#dispatch();
        });
      }
    }
  }

  #resolve(sent: Sent, value: unknown, timing: CallTiming): void {
    const { job } = sent;
    if (!this.#settlement.settle(job, "done")) return;
    sent.slot.done++;
    // If it was taken back after it had run, and its answer comes now, it waits or runs again: that is undone here. It
    // has to be settled first: cancelling its second run may take it back once more, and only settled jobs are not put
    // into the queue again.
    this.#dismiss(job);
    const { onTiming } = job.options;
    if (onTiming) queueMicrotask(() => onTiming(timing));
    job.resolve(value as never);
  }
}
