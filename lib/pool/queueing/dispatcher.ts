import type { Clock } from "../clock.ts";
import { LIMIT_AFTER_MS } from "../policy.ts";
import { Deadlines } from "./deadlines.ts";
import { decodeError } from "../error_codec.ts";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  type Refused,
  WorkerCrashedError,
} from "../errors.ts";
import { type Candidate, candidate, type Job, type Run, type Sent } from "../job.ts";
import { Lanes } from "./lanes.ts";
import type { Ending, Meter } from "../meter.ts";
import type { ResolvedOptions } from "../options.ts";
import { Placement } from "./placement.ts";
import type { Outcome } from "../sending/protocol.ts";
import type { Stoppable } from "../shutdown.ts";
import type { Slot } from "../workers/slot.ts";
import type { PoolHealth, PoolStats } from "../stats.ts";
import { Supervisor } from "../workers/supervisor.ts";

/** A short call of nobody in particular. */
const ANY = candidate({ costMs: undefined, peakMs: undefined, lane: "short", options: {} });

/** Why a waiting call had to make room. */
const OUT = {
  lane: "Call made room in the queue: there are too many long ones",
  group: "Call made room in the queue: there are too many of its group",
};

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
  readonly #lanes = new Lanes();
  readonly #placement: Placement;
  readonly #unsettled = new Set<Job>();
  readonly #deadlines: Deadlines<Job>;
  /** Calls off what looks again whether a long call may start. */
  #cancelLook: (() => void) | undefined;
  #phase: "open" | "closing" | "closed" = "open";
  #waiters: { condition: () => boolean; resolve: () => void }[] = [];

  constructor(options: ResolvedOptions, meter: Meter) {
    this.#options = options;
    this.#clock = options.clock;
    this.#meter = meter;
    this.#deadlines = new Deadlines(options.clock, (job) => this.#late(job));
    this.#supervisor = new Supervisor(options, {
      free: () => this.#dispatch(),
      returned: (sent, outcome, now) => this.#returned(sent, outcome, now),
      reported: ({ job }, value, read) => {
        if (job.hearing) job.hearing.hear(value, read);
        else read();
      },
      takenBack: (jobs) => this.#takeBack(jobs),
      lost: (sent, cause) => this.#lost(sent, cause),
      unusable: (error) => {
        // What waits would wait for ever.
        for (const job of [...this.#unsettled]) if (job.place) this.stop(job, "crashed", error);
      },
    });
    const { slots, roster } = this.#supervisor;
    this.#placement = new Placement(slots, roster, this.#lanes, this.#clock);
    this.#supervisor.start();
  }

  get ready(): Promise<void> {
    return this.#supervisor.ready;
  }

  get waiting(): number {
    return this.#lanes.length;
  }

  /** See {@linkcode WorkerPool.health}. */
  health(): PoolHealth {
    const { isFailing, loadFailure, roster: { usable, serving } } = this.#supervisor;
    const state = this.#phase === "open" && isFailing ? "failing" : this.#phase;
    return { state, loadFailure, usable, serving };
  }

  /** What of the pool's statistics is known here. */
  stats(): Pick<PoolStats, "state" | "slots" | "queue" | "loadFailure"> & { wedged: number } {
    const { slots, wedged } = this.#supervisor;
    const { state, loadFailure } = this.health();
    return {
      loadFailure,
      state,
      slots: slots.map((slot) => slot.stats()),
      queue: {
        length: this.#lanes.length,
        long: this.#lanes.long,
        max: this.#options.maxQueue,
        predictedWaitMs: this.#placement.waitMs(ANY),
      },
      wedged,
    };
  }

  /** Takes a new job to a worker or to the queue, or to its end if it is refused. */
  submit(job: Job): void {
    const { signal } = job.options;
    this.#unsettled.add(job);
    this.#placement.came(job);
    if (signal?.aborted) return this.stop(job, "aborted", signal.reason);
    if (this.#phase !== "open") {
      return this.stop(job, "closed", new PoolClosedError("Pool is closed"));
    }
    const unusable = this.#supervisor.unusable;
    if (unusable) return this.stop(job, "crashed", unusable);
    const slot = this.#placement.slotNow(job);
    const refused = this.#refusal(job, slot);
    if (refused) return this.#refuse(job, refused);
    signal?.addEventListener("abort", job.onAbort!);
    if (slot) this.#start(job, slot, job.submittedAt);
    else {
      if (this.isFull) this.#makeRoom(job);
      this.#wait(job, "last");
    }
  }

  /** Why a job would be refused now, if it would be. */
  refusal(job: Candidate): Refused | undefined {
    return this.#phase === "open" ? this.#refusal(job, this.#placement.slotNow(job)) : undefined;
  }

  /** Ends a job that nobody waits for any more, wherever it is. */
  stop(job: Job, ending: Ending, reason: unknown): void {
    this.#stopAll([job], ending, reason);
  }

  /** Aborts all jobs that have not been started. @returns How many that were. */
  cancelWaiting(reason: unknown): number {
    const waiting = [...this.#unsettled].filter((job) =>
      job.place || (job.sent && this.#slotOf(job.sent).withdraw(job.sent))
    );
    this.#stopAll(waiting, "aborted", reason);
    return waiting.length;
  }

  /** Resolves when a call that nobody knows anything of would be taken, or none ever will be. */
  room(signal?: AbortSignal): Promise<void> {
    return this.#until(
      () =>
        this.#phase !== "open" || !this.isFull || this.#supervisor.unusable !== undefined ||
        this.#placement.slotNow(ANY) !== undefined,
      signal,
    );
  }

  /** All of them before any other is started in their place. */
  #stopAll(jobs: readonly Job[], ending: Ending, reason: unknown): void {
    for (const job of jobs) {
      if (!this.#settle(job, ending, reason)) continue;
      this.#dismiss(job);
      job.reject(reason);
    }
    // What had not been posted has left its worker idle.
    this.#dispatch();
  }

  seal(): void {
    this.#phase = "closing";
    this.#supervisor.seal(this.#unsettled.size === 0);
    this.#progress();
  }

  settled(): Promise<void> {
    return this.#until(() => this.#unsettled.size === 0);
  }

  abandon(): number {
    const left = [...this.#unsettled];
    this.#stopAll(left, "closed", new PoolClosedError("Pool was closed"));
    return left.length;
  }

  quiet(): Promise<void> {
    return this.#until(() => this.#supervisor.slots.every((slot) => !slot.isOccupied));
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
    while (this.#startNext());
    this.#lookAgain();
    this.#progress();
  }

  #startNext(): boolean {
    for (const job of this.#lanes.next(this.#clock)) {
      const slot = this.#placement.slotFor(job);
      if (!slot) continue;
      const now = this.#clock.now();
      this.#lanes.take(job, now);
      this.#deadlines.delete(job);
      this.#start(job, slot, now);
      return true;
    }
    return false;
  }

  /** No event tells that another worker will be free in time for a long call to start: a timer has to. */
  #lookAgain(): void {
    this.#cancelLook?.();
    const inMs = this.#lanes.long > 0 ? this.#placement.changesInMs() : undefined;
    this.#cancelLook = inMs === undefined
      ? undefined
      : this.#clock.after(inMs, () => this.#dispatch());
  }

  #slotOf({ slot }: Sent): Slot {
    return this.#supervisor.slots[slot]!;
  }

  #start(job: Job, slot: Slot, now: number): void {
    this.#placement.took(slot);
    const { submittedAt, options: { deadlineMs = Infinity, maxRunMs = Infinity } } = job;
    // An idle worker starts it at once; behind another it still waits for its start.
    const boundMs = slot.state === "idle" ? deadlineMs : patience(job);
    this.#deadlines.set(job, Math.min(submittedAt + boundMs, now + maxRunMs), now);
    const leftMs = Math.max(0, Math.min(submittedAt + deadlineMs - now, maxRunMs));
    const limitMs = Math.ceil(leftMs + Math.max(this.#options.cancelGraceMs / 2, LIMIT_AFTER_MS));
    // Without a bound there is no limit, which 0 stands for.
    job.sent = slot.send(job, leftMs === Infinity ? 0 : Math.max(1, limitMs), now);
  }

  #late(job: Job): void {
    const { sent, submittedAt, options: { deadlineMs = Infinity, maxRunMs = Infinity } } = job;
    const now = this.#clock.now();
    if (sent) {
      const slot = this.#slotOf(sent);
      const startBy = submittedAt + patience(job);
      // Its worker has not come to it, and may take its time.
      if (startBy > now && !slot.hasStarted(sent)) {
        return this.#deadlines.set(job, Math.min(startBy, now + Math.max(1, maxRunMs)), now);
      }
      if (!slot.withdraw(sent)) {
        const dueAt = Math.min(submittedAt + deadlineMs, sent.startedAt + maxRunMs);
        // It has begun in time.
        if (dueAt > now) return this.#deadlines.set(job, dueAt, now);
        return this.stop(job, "expired", outOfTime(job, now));
      }
    }
    job.sent = undefined;
    const patienceMs = patience(job);
    if (job.started) return this.stop(job, "expired", new DeadlineExceededError(patienceMs));
    const message = `Call has waited for ${patienceMs} ms`;
    this.#refuse(job, { reason: "wait", message, retryAfterMs: this.#placement.waitMs(job) });
  }

  #refuse(job: Job, { message, retryAfterMs, reason }: Refused): void {
    this.#meter.refused(reason);
    this.stop(job, "refused", new OverloadedError(message, retryAfterMs, reason));
  }

  /** Whether as many calls wait as may. */
  get isFull(): boolean {
    return this.#lanes.length >= this.#options.maxQueue;
  }

  /** @param slot Where it would be sent; `undefined` if it has to wait in the queue. */
  #refusal(job: Candidate, slot: Slot | undefined): Refused | undefined {
    const patienceMs = patience(job);
    if (slot && slot.loadMs <= patienceMs) return undefined;
    const isRefused = !slot && this.isFull &&
      !this.#lanes.outOfPlace(job, this.#options.maxQueue);
    // What is known to be soon enough need not be known exactly.
    if (!isRefused && job.lane === "short" && this.#placement.mostWaitMs(job) <= patienceMs) {
      return undefined;
    }
    const retryAfterMs = slot?.remainingMs ?? this.#placement.waitMs(job);
    if (isRefused) return { reason: "queue", message: "Queue is full", retryAfterMs };
    if (retryAfterMs <= patienceMs) return undefined;
    const message = `Call would wait ${Math.ceil(retryAfterMs)} ms and may wait ${patienceMs} ms`;
    return { reason: "wait", message, retryAfterMs };
  }

  /** Takes the place of a call that has more of the queue than its share. */
  #makeRoom(job: Job): void {
    const { job: other, reason } = this.#lanes.outOfPlace(job, this.#options.maxQueue)!;
    const retryAfterMs = this.#placement.waitMs(other);
    this.#refuse(other, { reason, message: OUT[reason], retryAfterMs });
  }

  #wait(job: Job, place: "first" | "last"): void {
    this.#lanes.add(job, place);
    this.#deadlines.set(job, job.submittedAt + patience(job), this.#clock.now());
    if (job.lane === "long") this.#lookAgain();
  }

  /** Takes a settled job from wherever it is. */
  #dismiss(job: Job): void {
    if (job.place) {
      this.#lanes.remove(job);
      this.#deadlines.delete(job);
    }
    if (job.sent) this.#slotOf(job.sent).cancel(job.sent);
  }

  #returned(sent: Sent, outcome: Outcome, now: number): void {
    const { job } = sent;
    // An error in no time is that of a call that could not be sent.
    const hasRun = outcome.kind !== "error" || outcome.runMs > 0;
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
      case "value": {
        const { value } = outcome;
        const finish = () => {
          if (!this.#settle(job, "done")) return;
          this.#slotOf(sent).count("done");
          // Done and untold when it was taken back, it waits or runs again. Only now: a job that is not
          // settled yet would be taken back once more from where it runs, and stay in the queue.
          this.#dismiss(job);
          if (options.onTiming) {
            tell(() => options.onTiming!({ slot: sent.slot, waitMs, runMs, transferMs }));
          }
          job.resolve(value as never);
        };
        const heard = options.reports === "all" && !sent.withdrawn && job.hearing?.heard;
        if (!heard) return finish();
        job.started = true;
        heard.then(finish);
        return;
      }
      case "error": {
        job.failed = true;
        this.#slotOf(sent).count("failed");
        return this.stop(job, "failed", decodeError(outcome.error));
      }
      case "stopped": // By the watchdog, before this thread came to look at its own clock.
        return this.stop(job, "expired", outOfTime(job, now));
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
    job.hearing?.end();
    this.#unsettled.delete(job);
    this.#meter.ended(ending);
    this.#deadlines.delete(job);
    job.options.signal?.removeEventListener("abort", job.onAbort!);
    if (job.trace) tell(() => job.trace!.ended(error));
    this.#progress();
    return true;
  }

  #until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = {
        condition,
        resolve: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #progress(): void {
    if (this.#waiters.length === 0) return;
    const met = this.#waiters.filter(({ condition }) => condition());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }
}

/** How long a call may wait for its start; once it has been started, for its end. */
function patience({ options: { maxWaitMs, deadlineMs }, started }: Candidate): number {
  return Math.min(started ? Infinity : maxWaitMs ?? Infinity, deadlineMs ?? Infinity);
}

/** What a call is told that was started and not done in time. */
function outOfTime(
  { submittedAt, options }: Job,
  now: number,
): DeadlineExceededError {
  const { deadlineMs = Infinity, maxRunMs = Infinity } = options;
  const sinceMs = now - submittedAt;
  if (maxRunMs < deadlineMs && sinceMs < deadlineMs) {
    return new DeadlineExceededError(maxRunMs, "run");
  }
  return new DeadlineExceededError(deadlineMs === Infinity ? sinceMs : deadlineMs);
}

/** Apart from what goes on here: a listener that throws must not leave other jobs half settled. */
function tell(listener: () => void): void {
  queueMicrotask(listener);
}
