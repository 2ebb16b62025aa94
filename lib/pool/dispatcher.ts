import type { Clock } from "./clock.ts";
import { decodeError } from "./error_codec.ts";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  WorkerCrashedError,
} from "./errors.ts";
import type { CallOptions, Job } from "./job.ts";
import type { Sent } from "./mailbox.ts";
import type { Ending, Meter } from "./meter.ts";
import type { PoolEvent, ResolvedOptions } from "./options.ts";
import type { Outcome } from "./protocol.ts";
import { Queue } from "./queue.ts";
import type { Stoppable } from "./shutdown.ts";
import { Slot } from "./slot.ts";
import type { PoolStats } from "./stats.ts";

/**
 * Pause between the starts of two workers on a pool in use. Starting one blocks this thread for about
 * 13 ms: closer together, many deaths at once would stall everyone; further apart, a big pool takes longer
 * to be whole.
 */
const START_SPACING_MS = 20;

/**
 * Takes jobs through queue and slots to their end. Every way to an end goes through {@linkcode settle},
 * which does nothing the second time: whichever of result, abort, deadline, crash and close comes first
 * decides, and the others find the job settled.
 */
export class Dispatcher implements Stoppable {
  readonly slots: readonly Slot[];
  readonly #options: ResolvedOptions;
  readonly #clock: Clock;
  readonly #meter: Meter;
  readonly #queue = new Queue<Job>();
  readonly #unsettled = new Set<Job>();
  readonly #ready = Promise.withResolvers<void>();
  /** Milliseconds of work in the queue, as far as it is known. */
  #queuedMs = 0;
  /** The slot whose turn is next. */
  #cursor = 0;
  #nextStartAt = 0;
  #phase: "open" | "closing" | "closed" = "open";
  /** Slots of which it isn't known yet whether their workers can be started. */
  readonly #unstarted: Set<number>;
  #lastFailure: Error | undefined;
  #waiters: { condition: () => boolean; resolve: () => void }[] = [];

  /** Terminated threads that run on. */
  wedged = 0;

  constructor(options: ResolvedOptions, meter: Meter) {
    this.#options = options;
    this.#clock = options.clock;
    this.#meter = meter;
    this.#ready.promise.catch(() => {}); // Nobody need wait for it.
    this.#unstarted = new Set(Array(options.size).keys());
    this.slots = Array.from({ length: options.size }, (_, index) => this.#makeSlot(index));
    for (const slot of this.slots) slot.start();
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  get state(): PoolStats["state"] {
    if (this.#phase !== "open") return this.#phase;
    const failing = this.wedged > this.#options.maxWedged || this.#usableSlots === 0;
    return failing ? "failing" : "open";
  }

  /** Milliseconds until a call made now would start, by the estimates of those before it. */
  get predictedWaitMs(): number {
    if (this.#queue.length === 0 && this.#slotFor(undefined)) return 0;
    const runningMs = this.slots.reduce((sum, slot) => sum + slot.remainingMs, 0);
    return (this.#queuedMs + runningMs) / Math.max(1, this.#usableSlots);
  }

  get #usableSlots(): number {
    return this.slots.reduce((count, slot) => count + Number(slot.isUsable), 0);
  }

  /** Takes a new job to the queue, or to its end if it is refused. */
  submit(job: Job): void {
    const { signal } = job.options;
    this.#unsettled.add(job);
    if (signal?.aborted) return this.stop(job, "aborted", signal.reason);
    if (this.#phase !== "open") {
      return this.stop(job, "closed", new PoolClosedError("Pool is closed"));
    }
    if (this.#usableSlots === 0) return this.stop(job, "crashed", this.#noWorkers());
    const refusal = this.#refusal(job);
    if (refusal) return this.stop(job, "refused", refusal);
    signal?.addEventListener("abort", job.onAbort!);
    this.#wait(job, "last");
    this.#dispatch();
  }

  /** Ends a job that nobody waits for any more, wherever it is. */
  stop(job: Job, ending: Ending, reason: unknown): void {
    if (!this.#settle(job, ending, reason)) return;
    if (job.place) this.#leaveQueue(job);
    if (job.sent) this.slots[job.sent.slot].cancel(job.sent);
    job.reject(reason);
  }

  seal(): void {
    this.#phase = "closing";
    this.#ready.reject(new PoolClosedError("Pool was closed before it was ready"));
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
    return this.#until(() => this.slots.every((slot) => !slot.isOccupied));
  }

  async terminate(): Promise<number> {
    await Promise.all(this.slots.map((slot) => slot.close()));
    this.#phase = "closed";
    return this.wedged;
  }

  /** Starts waiting jobs, in their order, as long as there is room. */
  #dispatch(): void {
    for (let job = this.#queue.first; job; job = this.#queue.first) {
      const slot = this.#slotFor(job.costMs);
      if (!slot) return;
      this.#leaveQueue(job);
      this.#start(job, slot);
    }
  }

  /**
   * Round-robin: the next slot whose worker is idle, or else the next with room. To take any with room would
   * let a call wait behind another while a worker has nothing to do.
   */
  #slotFor(costMs: number | undefined): Slot | undefined {
    let withRoom: Slot | undefined;
    for (let i = 0; i < this.slots.length; i++) {
      const slot = this.slots[(this.#cursor + i) % this.slots.length];
      if (slot.state === "idle") return slot;
      if (!withRoom && slot.hasRoomFor(costMs)) withRoom = slot;
    }
    return withRoom;
  }

  #start(job: Job, slot: Slot): void {
    this.#cursor = (slot.index + 1) % this.slots.length;
    const { deadlineMs } = job.options;
    let limitMs = 0;
    if (deadlineMs !== undefined) {
      const leftMs = deadlineMs - (this.#clock.now() - job.submittedAt);
      limitMs = Math.max(leftMs, 0) + this.#options.cancelGraceMs / 2;
      job.cancelTimer = this.#clock.after(
        leftMs,
        () => this.stop(job, "expired", new DeadlineExceededError(deadlineMs)),
      );
    }
    job.sent = slot.send(job, limitMs);
  }

  #refusal({ costMs, options }: Job): OverloadedError | undefined {
    const { maxQueue } = this.#options;
    if (this.#queue.length === 0 && this.#slotFor(costMs)) return;
    const waitMs = this.predictedWaitMs;
    if (this.#queue.length >= maxQueue) {
      return new OverloadedError(`Queue is full: ${maxQueue} calls are waiting`, waitMs);
    }
    const patienceMs = patience(options);
    if (waitMs > patienceMs) {
      const about = Math.ceil(waitMs);
      return new OverloadedError(
        `Call would wait ${about} ms and may wait ${patienceMs} ms`,
        waitMs,
      );
    }
  }

  #wait(job: Job, place: "first" | "last"): void {
    job.place = place === "last" ? this.#queue.push(job) : this.#queue.unshift(job);
    this.#queuedMs += job.costMs ?? 0;
    const patienceMs = patience(job.options);
    if (patienceMs === Infinity) return;
    const waitedMs = this.#clock.now() - job.submittedAt;
    job.cancelTimer = this.#clock.after(Math.max(0, patienceMs - waitedMs), () => {
      const message = `Call has waited for ${patienceMs} ms`;
      this.stop(job, "refused", new OverloadedError(message, this.predictedWaitMs));
    });
  }

  #leaveQueue(job: Job): void {
    this.#queue.remove(job.place!);
    job.place = undefined;
    this.#queuedMs = this.#queue.length === 0 ? 0 : this.#queuedMs - (job.costMs ?? 0);
    this.#cancelTimer(job);
  }

  #returned(sent: Sent, outcome: Outcome): void {
    const { job } = sent;
    job.sent = undefined;
    if (job.settled || outcome.kind === "skipped") return;
    const { method, options, submittedAt } = job;
    const { runMs } = outcome;
    const waitMs = sent.startedAt - submittedAt;
    const transferMs = Math.max(0, this.#clock.now() - sent.startedAt - runMs);
    if (runMs > 0) this.#meter.ran(method, waitMs, runMs, transferMs);
    switch (outcome.kind) {
      case "value":
        this.#settle(job, "done");
        options.onTiming?.({ slot: sent.slot, waitMs, runMs });
        return job.resolve(outcome.value as never);
      case "error": {
        const error = decodeError(outcome.error, job.callSite.stack);
        return this.stop(job, "failed", error);
      }
      case "stopped": // By the watchdog, before this thread came to look at its own clock.
        return this.stop(job, "expired", new DeadlineExceededError(options.deadlineMs ?? runMs));
    }
  }

  #lost({ job }: Sent, cause: Error): void {
    job.sent = undefined;
    if (job.settled) return;
    job.deaths++;
    if (job.options.pure && !job.options.transfer && job.deaths === 1) {
      this.#cancelTimer(job);
      return this.#takeBack([job]);
    }
    const message = `Worker died while it ran ${job.method}()`;
    this.stop(job, "crashed", new WorkerCrashedError(message, { cause }));
  }

  #takeBack(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      job.sent = undefined;
      this.#cancelTimer(job);
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
    this.#cancelTimer(job);
    job.options.signal?.removeEventListener("abort", job.onAbort!);
    job.trace?.ended(error);
    this.#progress();
    return true;
  }

  #cancelTimer(job: Job): void {
    job.cancelTimer?.();
    job.cancelTimer = undefined;
  }

  #makeSlot(index: number): Slot {
    const { spawn, startTimeoutMs, cancelGraceMs, maxWedged } = this.#options;
    return new Slot(index, {
      spawn,
      startTimeoutMs,
      cancelGraceMs,
      clock: this.#clock,
      spaced: (ms) => {
        const now = this.#clock.now();
        const at = Math.max(now + ms, this.#nextStartAt);
        this.#nextStartAt = at + START_SPACING_MS;
        return at - now;
      },
      events: {
        free: () => {
          this.#dispatch();
          this.#progress();
        },
        returned: (sent, outcome) => this.#returned(sent, outcome),
        takenBack: (jobs) => this.#takeBack(jobs),
        lost: (sent, cause) => this.#lost(sent, cause),
        ready: () => {
          this.#emit({ type: "ready", slot: index });
          this.#started(index);
        },
        crashed: (error) => this.#emit({ type: "crashed", slot: index, error }),
        failed: (error) => {
          this.#emit({ type: "failed", slot: index, error });
          this.#outOfUse(error);
          this.#started(index);
        },
        wedged: (error) => {
          this.wedged++;
          this.#emit({ type: "wedged", slot: index, error });
          if (this.#phase === "open" && this.wedged <= maxWedged) return true;
          this.#outOfUse(error);
          return false;
        },
        unwedged: () => {
          this.wedged--;
          this.#emit({ type: "unwedged", slot: index });
        },
      },
    });
  }

  /** A slot takes calls, or never will: the pool is ready when that is known of each. */
  #started(index: number): void {
    this.#unstarted.delete(index);
    if (this.#unstarted.size > 0) return;
    if (this.#usableSlots > 0) this.#ready.resolve();
    else this.#ready.reject(this.#noWorkers());
  }

  /** A slot is out of use. Without any, what waits would wait for ever. */
  #outOfUse(cause: Error): void {
    this.#lastFailure = cause;
    if (this.#usableSlots > 0) return;
    for (let job = this.#queue.first; job; job = this.#queue.first) {
      this.stop(job, "crashed", this.#noWorkers());
    }
  }

  #noWorkers(): WorkerCrashedError {
    return new WorkerCrashedError("No worker can be started", { cause: this.#lastFailure });
  }

  #emit(event: PoolEvent): void {
    const { onEvent } = this.#options;
    // Apart from what goes on here: a listener that throws must not leave a job half settled.
    if (onEvent) queueMicrotask(() => onEvent(event));
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

/** How long a call may wait for its start. */
function patience({ maxWaitMs, deadlineMs }: CallOptions): number {
  return Math.min(maxWaitMs ?? Infinity, deadlineMs ?? Infinity);
}
