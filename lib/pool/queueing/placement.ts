import type { Clock } from "../clock.ts";
import type { Candidate, Job } from "../job.ts";
import { QUIET_MS, QUIET_RELIEF_MS, RELIEF_MS, UNSURE, UNUSED_MS } from "../policy.ts";
import type { Lanes } from "./lanes.ts";
import { isServing, isUsable, type Roster } from "./roster.ts";
import type { Slot } from "../workers/slot.ts";

/**
 * Chooses the slot for a call, and predicts how long a call waits. For most calls the roster has the answer. This
 * looks at every slot only when a long call is about to take the last idle worker, and to predict a wait.
 */
export class Placement {
  readonly #slots: readonly Slot[];
  readonly #roster: Roster;
  readonly #lanes: Lanes;
  readonly #clock: Clock;
  /** When the last short call came. */
  #shortAt: number;
  /** The slot whose turn is next. */
  #cursor = 0;

  constructor(slots: readonly Slot[], roster: Roster, lanes: Lanes, clock: Clock) {
    this.#slots = slots;
    this.#roster = roster;
    this.#lanes = lanes;
    this.#clock = clock;
    this.#shortAt = clock.now();
  }

  /** A call has come. */
  came({ lane, submittedAt }: Pick<Job, "lane" | "submittedAt">): void {
    if (lane === "short") this.#shortAt = submittedAt;
  }

  /** A call goes to this slot. */
  took(slot: Slot): void {
    this.#cursor = (slot.index + 1) % this.#slots.length;
  }

  /** Where a job that comes now would be sent at once. */
  slotNow(job: Candidate): Slot | undefined {
    return this.#lanes.isBehind(job) ? undefined : this.slotFor(job);
  }

  /** Where a job whose turn it is would be sent now. */
  slotFor(job: Candidate): Slot | undefined {
    const slot = this.#nextSlot(isShareable(job));
    return slot && (job.lane === "short" || this.#mayBeTaken(slot)) ? slot : undefined;
  }

  /**
   * Round-robin: the next slot whose worker is idle, or else the next of those with room that have least to
   * do. Taking any slot with room would let a call wait behind another while a worker is idle.
   */
  #nextSlot(shareable: boolean): Slot | undefined {
    return shareable || this.#roster.idle > 0 ? this.#roster.next(this.#cursor) : undefined;
  }

  /** Whether a long call may take a slot: only if short calls will not have to wait for it. */
  #mayBeTaken(slot: Slot): boolean {
    const { idle, serving } = this.#roster;
    if (serving === 1 || idle > Number(slot.state === "idle")) return true;
    const now = this.#clock.now();
    const reliefMs = this.#reliefMs(now);
    if (reliefMs === Infinity) return true;
    return this.#slots.some((other) => other !== slot && this.#freeInMs(other, now) <= reliefMs);
  }

  /** In how many milliseconds another worker must be expected to be free, for a long call to take the last idle one. */
  #reliefMs(now: number): number {
    const sinceMs = now - this.#shortAt;
    if (sinceMs >= UNUSED_MS) return Infinity;
    return sinceMs > QUIET_MS ? QUIET_RELIEF_MS : RELIEF_MS;
  }

  /**
   * Milliseconds until a slot's worker is free, by estimate. What has overrun its estimate by x ms is expected to run for
   * another x ms.
   */
  remainingMs(slot: Slot): number {
    return Math.abs(slot.endsAt - this.#clock.now());
  }

  /**
   * In how many milliseconds a slot's worker will be free, with a margin for wrong estimates; `Infinity` if it is not
   * busy.
   */
  #freeInMs(slot: Slot, now: number): number {
    return Math.abs(this.#roster.endsAt(slot.index) - now) + UNSURE * slot.loadMs;
  }

  /**
   * In how many milliseconds a long call that waits though a worker is idle may start; `undefined` if that isn't
   * known.
   */
  changesInMs(): number | undefined {
    if (this.#roster.idle === 0) return undefined;
    const now = this.#clock.now();
    const reliefMs = this.#reliefMs(now);
    const unusedInMs = this.#shortAt + UNUSED_MS - now;
    let earliest = unusedInMs > 0 ? unusedInMs : Infinity;
    for (const slot of this.#slots) {
      if (this.#roster.endsAt(slot.index) <= now) continue;
      const inMs = this.#freeInMs(slot, now) - reliefMs;
      if (inMs > 0 && inMs < earliest) earliest = inMs;
    }
    return earliest === Infinity ? undefined : Math.ceil(earliest);
  }

  /**
   * An upper bound of {@linkcode waitMs} for a short call, cheaper: the wait if one worker did all the work before
   * it.
   */
  mostWaitMs(job: Candidate): number {
    const slot = this.#roster.serving > 0 ? this.#slots.find(isServing) : undefined;
    return slot ? this.#lanes.msBefore(job) + this.remainingMs(slot) : Infinity;
  }

  /** Milliseconds until a call made now would start, by the estimates of those before it. */
  waitMs(job: Candidate): number {
    const beforeMs = this.#lanes.msBefore(job);
    if (beforeMs === 0 && job.lane === "short" && this.#roster.idle > 0) return 0;
    const busyMs = this.#slots.filter(isUsable)
      .map((slot) => this.remainingMs(slot)).sort((a, b) => a - b);
    const waitMs = whenDone(beforeMs, busyMs);
    const [, secondMs] = busyMs;
    // A long call waits until two workers are free, or nearly.
    if (job.lane === "short" || secondMs === undefined) return waitMs;
    return Math.max(waitMs, secondMs - this.#reliefMs(this.#clock.now()));
  }
}

/**
 * In how many milliseconds workers that become free one after the other will have started so much work.
 *
 * @param freeMs In how many milliseconds each worker is free, ascending.
 */
function whenDone(workMs: number, freeMs: readonly number[]): number {
  let sum = workMs;
  for (const [i, ms] of freeMs.entries()) {
    sum += ms;
    const [doneMs, nextMs = Infinity] = [sum / (i + 1), freeMs[i + 1]];
    if (doneMs <= nextMs) return doneMs;
  }
  return workMs;
}

/**
 * Whether a call may share a worker with others. Not if its run time is unknown. Not if a worker has died with it: it
 * may kill the next one, and the others with it.
 */
function isShareable(job: Candidate): boolean {
  return !job.exclusive && job.peakMs !== undefined && job.deaths === 0;
}
