import type { Clock } from "./clock.ts";
import { Deadlines } from "./deadlines.ts";
import { decodeError } from "./error_codec.ts";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  WorkerCrashedError,
} from "./errors.ts";
import type { Job, Run, Sent } from "./job.ts";
import type { Ending, Meter } from "./meter.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Outcome } from "./protocol.ts";
import { Queue } from "./queue.ts";
import type { Stoppable } from "./shutdown.ts";
import type { Slot } from "./slot.ts";
import type { PoolStats } from "./stats.ts";
import { Supervisor } from "./supervisor.ts";

/**
 * How long after a call's deadline its watchdog cuts it at the earliest: a call that ends in time must be well before
 * that, for one that ends just before it is cut too.
 */
const LIMIT_AFTER_MS = 10;

const ENDS = { value: "done", error: "failed", stopped: "stopped" } as const;

/**
 * Takes jobs through queue and slots to their end. Every way to an end goes through `#settle`, which
 * does nothing the second time: whichever of result, abort, deadline, crash and close comes first
 * decides, and the others find the job settled.
 */
export class Dispatcher implements Stoppable {
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #supervisor: Supervisor;
  readonly #queue = new Queue<Job>();
  readonly #unsettled = new Set<Job>();
  readonly #deadlines: Deadlines<Job>;
  /** Milliseconds of work in the queue, as far as it is known. */
  #queuedMs = 0;
  /** The slot whose turn is next. */
  #cursor = 0;
  #phase: "open" | "closing" | "closed" = "open";
  #waiters: { condition: () => boolean; resolve: () => void }[] = [];

  constructor(options: ResolvedOptions, meter: Meter) {
    this.#options = options;
    this.#clock = options.clock;
    this.#meter = meter;
    this.#deadlines = new Deadlines(options.clock, (job) => this.#late(job));
    this.#supervisor = new Supervisor(options, {
      free: () => {
        this.#dispatch();
        this.#progress();
      },
      returned: (sent, outcome, now) => this.#returned(sent, outcome, now),
      takenBack: (jobs) => this.#takeBack(jobs),
      lost: (sent, cause) => this.#lost(sent, cause),
      unusable: (error) => {
        // What waits would wait for ever.
        for (let job = this.#queue.first; job; job = this.#queue.first) {
          this.stop(job, "crashed", error);
        }
      },
    });
    this.#supervisor.start();
  }

  get ready(): Promise<void> {
    return this.#supervisor.ready;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** What of the pool's statistics is known here. */
  stats(): Pick<PoolStats, "state" | "slots" | "queue" | "loadFailure"> & { wedged: number } {
    const { slots, isFailing, wedged, loadFailure } = this.#supervisor;
    return {
      loadFailure,
      state: this.#phase === "open" && isFailing ? "failing" : this.#phase,
      slots: slots.map((slot) => slot.stats()),
      queue: {
        length: this.#queue.length,
        max: this.#options.maxQueue,
        predictedWaitMs: this.#predictedWaitMs(),
      },
      wedged,
    };
  }

  /** Takes a new job to a worker or to the queue, or to its end if it is refused. */
  submit(job: Job): void {
    const { signal } = job.options;
    this.#unsettled.add(job);
    if (signal?.aborted) return this.stop(job, "aborted", signal.reason);
    if (this.#phase !== "open") {
      return this.stop(job, "closed", new PoolClosedError("Pool is closed"));
    }
    const unusable = this.#supervisor.unusable;
    if (unusable) return this.stop(job, "crashed", unusable);
    const slot = this.#queue.length === 0 ? this.#slotFor(isShareable(job)) : undefined;
    const refusal = this.#refusal(job, slot);
    if (refusal) return this.stop(job, "refused", refusal);
    signal?.addEventListener("abort", job.onAbort!);
    if (slot) this.#start(job, slot, job.submittedAt);
    else this.#wait(job, "last");
  }

  /** Ends a job that nobody waits for any more, wherever it is. */
  stop(job: Job, ending: Ending, reason: unknown): void {
    if (!this.#settle(job, ending, reason)) return;
    this.#dismiss(job);
    job.reject(reason);
    // What had not been posted has left its worker idle.
    this.#dispatch();
  }

  seal(): void {
    this.#phase = "closing";
    this.#supervisor.seal(this.#unsettled.size === 0);
  }

  settled(): Promise<void> {
    return this.#until(() => this.#unsettled.size === 0);
  }

  abandon(): number {
    const left = [...this.#unsettled];
    for (const job of left) this.stop(job, "closed", new PoolClosedError("Pool was closed"));
    return left.length;
  }

  quiet(): Promise<void> {
    return this.#until(() => this.#supervisor.slots.every((slot) => !slot.isOccupied));
  }

  async terminate(): Promise<number> {
    this.#deadlines.clear();
    await this.#supervisor.terminate();
    this.#phase = "closed";
    return this.#supervisor.wedged;
  }

  /** Starts waiting jobs, in their order, as long as there is room. */
  #dispatch(): void {
    for (let job = this.#queue.first; job; job = this.#queue.first) {
      const slot = this.#slotFor(isShareable(job));
      if (!slot) return;
      this.#leaveQueue(job);
      this.#start(job, slot, this.#clock.now());
    }
  }

  /**
   * Round-robin: the next slot whose worker is idle, or else the next of those with room that have least to
   * do. To take any with room would let a call wait behind another while a worker has nothing to do.
   */
  #slotFor(shareable: boolean): Slot | undefined {
    const { slots } = this.#supervisor;
    let best: Slot | undefined;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[(this.#cursor + i) % slots.length]!;
      if (slot.state === "idle") return slot;
      if (shareable && slot.hasRoom && (!best || slot.loadMs < best.loadMs)) best = slot;
    }
    return best;
  }

  #slotOf({ slot }: Sent): Slot {
    return this.#supervisor.slots[slot]!;
  }

  /** Milliseconds until a call made now would start, by the estimates of those before it. */
  #predictedWaitMs(): number {
    if (this.#queue.length === 0 && this.#slotFor(false)) return 0;
    const { slots, usableSlots } = this.#supervisor;
    const runningMs = slots.reduce((sum, slot) => sum + slot.remainingMs, 0);
    // What is added and taken off again leaves a rest below zero.
    return Math.max(0, this.#queuedMs + runningMs) / Math.max(1, usableSlots);
  }

  #start(job: Job, slot: Slot, now: number): void {
    this.#cursor = (slot.index + 1) % this.#supervisor.slots.length;
    const { deadlineMs = Infinity } = job.options;
    // An idle worker starts it at once; behind another it still waits for its start.
    const boundMs = slot.state === "idle" ? deadlineMs : patience(job);
    this.#deadlines.set(job, job.submittedAt + boundMs, now);
    const leftMs = Math.max(0, job.submittedAt + deadlineMs - now);
    const limitMs = Math.ceil(leftMs + Math.max(this.#options.cancelGraceMs / 2, LIMIT_AFTER_MS));
    // Without a deadline there is no limit, which 0 stands for.
    job.sent = slot.send(job, deadlineMs === Infinity ? 0 : Math.max(1, limitMs), now);
  }

  #late(job: Job): void {
    const { deadlineMs = Infinity } = job.options;
    if (job.sent && !this.#slotOf(job.sent).withdraw(job.sent)) {
      const now = this.#clock.now();
      const dueAt = job.submittedAt + deadlineMs;
      // It has begun in time.
      if (dueAt > now) return this.#deadlines.set(job, dueAt, now);
      return this.stop(job, "expired", new DeadlineExceededError(deadlineMs));
    }
    job.sent = undefined;
    const patienceMs = patience(job);
    if (job.started) return this.stop(job, "expired", new DeadlineExceededError(patienceMs));
    const message = `Call has waited for ${patienceMs} ms`;
    this.stop(job, "refused", new OverloadedError(message, this.#predictedWaitMs()));
  }

  /** @param slot Where it would be sent; `undefined` if it has to wait in the queue. */
  #refusal(job: Job, slot: Slot | undefined): OverloadedError | undefined {
    const patienceMs = patience(job);
    if (slot && slot.loadMs <= patienceMs) return undefined;
    const { maxQueue } = this.#options;
    const waitMs = slot?.remainingMs ?? this.#predictedWaitMs();
    if (!slot && this.#queue.length >= maxQueue) {
      return new OverloadedError(`Queue is full: ${maxQueue} calls are waiting`, waitMs);
    }
    if (waitMs > patienceMs) {
      const about = Math.ceil(waitMs);
      return new OverloadedError(
        `Call would wait ${about} ms and may wait ${patienceMs} ms`,
        waitMs,
      );
    }
    return undefined;
  }

  #wait(job: Job, place: "first" | "last"): void {
    job.place = place === "last" ? this.#queue.push(job) : this.#queue.unshift(job);
    this.#queuedMs += job.costMs ?? 0;
    this.#deadlines.set(job, job.submittedAt + patience(job), this.#clock.now());
  }

  /** Takes a settled job from wherever it is. */
  #dismiss(job: Job): void {
    if (job.place) this.#leaveQueue(job);
    if (job.sent) this.#slotOf(job.sent).cancel(job.sent);
  }

  #leaveQueue(job: Job): void {
    this.#queue.remove(job.place!);
    job.place = undefined;
    this.#queuedMs = this.#queue.length === 0 ? 0 : this.#queuedMs - (job.costMs ?? 0);
    this.#deadlines.delete(job);
  }

  #returned(sent: Sent, outcome: Outcome, now: number): void {
    const { job } = sent;
    // An error in no time is that of a call that could not be sent.
    const hasRun = outcome.kind === "value" || outcome.runMs > 0;
    if (hasRun && outcome.kind !== "skipped") {
      this.#ran(sent, ENDS[outcome.kind], outcome.runMs);
    }
    if (!sent.withdrawn) job.sent = undefined;
    else if (outcome.kind !== "value") return;
    if (job.settled) return;
    // Not for having been withdrawn: it should not happen, and must not lose the call if it does.
    if (outcome.kind === "skipped") return this.#takeBack([job]);
    const { method, options, submittedAt } = job;
    const { runMs } = outcome;
    const waitMs = sent.startedAt - submittedAt;
    const transferMs = Math.max(0, now - sent.startedAt - runMs);
    if (runMs > 0) this.#meter.ran(method, waitMs, runMs, transferMs);
    switch (outcome.kind) {
      case "value":
        this.#settle(job, "done");
        this.#slotOf(sent).count("done");
        // Done and untold when it was taken back, it waits or runs again. Only now: a job that is not
        // settled yet would be taken back once more from where it runs, and stay in the queue.
        this.#dismiss(job);
        if (options.onTiming) {
          tell(() => options.onTiming!({ slot: sent.slot, waitMs, runMs, transferMs }));
        }
        return job.resolve(outcome.value as never);
      case "error": {
        job.failed = true;
        this.#slotOf(sent).count("failed");
        return this.stop(job, "failed", decodeError(outcome.error));
      }
      case "stopped": // By the watchdog, before this thread came to look at its own clock.
        return this.stop(job, "expired", new DeadlineExceededError(options.deadlineMs ?? runMs));
    }
  }

  #lost(sent: Sent, cause: Error): void {
    const { job } = sent;
    this.#ran(sent, "lost", this.#clock.now() - sent.startedAt);
    if (!sent.withdrawn) job.sent = undefined;
    if (job.settled) return;
    job.deaths++;
    job.started = true;
    if (job.deaths === 1) {
      // Done and untold when it was taken back, it waits or runs again.
      if (sent.withdrawn) return;
      if (job.options.pure && !job.exclusive) {
        // Last: it may have killed its worker, and others need not pay for that.
        this.#wait(job, "last");
        return this.#dispatch();
      }
    }
    const message = `Worker died while it ran ${job.method}()`;
    this.stop(job, "crashed", new WorkerCrashedError(message, { cause }));
  }

  /** At once and not by `tell`, which would make a microtask of each run. */
  #ran({ job, slot, startedAt }: Sent, end: Run["end"], runMs: number): void {
    const { onRun } = this.#options;
    if (!onRun) return;
    const { id, method, options } = job;
    try {
      onRun({ id, method, tag: options.tag, slot, startedAt, runMs, end });
    } catch (error) {
      tell(() => {
        throw error;
      });
    }
  }

  #takeBack(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      job.sent = undefined;
      if (!job.settled) this.#wait(job, "first");
    }
    this.#dispatch();
  }

  /** @returns Whether this was the job's end; false if it had come already. */
  #settle(job: Job, ending: Ending, error?: unknown): boolean {
    if (job.settled) return false;
    job.settled = true;
    this.#unsettled.delete(job);
    this.#meter.ended(ending);
    this.#deadlines.delete(job);
    job.options.signal?.removeEventListener("abort", job.onAbort!);
    if (job.trace) tell(() => job.trace!.ended(error));
    this.#progress();
    return true;
  }

  #until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ condition, resolve }));
  }

  #progress(): void {
    if (this.#waiters.length === 0) return;
    const met = this.#waiters.filter(({ condition }) => condition());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }
}

/** How long a call may wait for its start; once it has been started, for its end. */
function patience({ options: { maxWaitMs, deadlineMs }, started }: Job): number {
  return Math.min(started ? Infinity : maxWaitMs ?? Infinity, deadlineMs ?? Infinity);
}

/**
 * Whether a call may be sent behind another: not if nobody knows how long it takes; and not if a worker has died with it,
 * for if it is what kills them, others must not be there.
 */
function isShareable(job: Job): boolean {
  return !job.exclusive && job.peakMs !== undefined && job.deaths === 0;
}

/** Apart from what goes on here: a listener that throws must not leave other jobs half settled. */
function tell(listener: () => void): void {
  queueMicrotask(listener);
}
