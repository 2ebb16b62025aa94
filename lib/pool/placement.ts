import type { Clock } from "./clock.ts";
import type { Candidate, Job } from "./job.ts";
import type { Lanes } from "./lanes.ts";
import type { Slot } from "./slot.ts";

/**
 * A long call may take the last worker that is free if another is expected to be within so many milliseconds: they are
 * what a short call then waits at most, by estimate. Less would leave workers idle for longer between long calls; more
 * is what short ones would wait. (Twenty callers of ten million beside small calls, on two workers: with 20 here small
 * ones take 54 ms at p99, with 12 42 and four fifths as many large ones are answered, with 10 38 and three quarters,
 * with 8 31 and two thirds.)
 */
const RELIEF_MS = 10;

/**
 * The same where no short call has come for a while: with it, calls of up to 60 ms have all workers among themselves.
 * The first short one may have to wait for it.
 */
const QUIET_RELIEF_MS = 50;

/** How long no short call has to come for that. Less would have many be the first; more would leave workers idle. */
const QUIET_MS = 250;

/**
 * How long no short call has to come for long ones to have all workers, however long they take. Less would let a service
 * that has short calls now and then wait for a long one each time; more would cost one that has none its last worker
 * for longer (of two, a third of what both can do).
 */
const UNUSED_MS = 10_000;

/**
 * What share of its time an estimate may be off by. Less would trust that a call of half a second ends to the millisecond
 * (beside two of 0.2 s small calls took up to 92 ms); more would leave workers idle between calls of 30 ms.
 */
const UNSURE = 1 / 4;

/** Says which slot a call goes to, if it may go to any now, and how long it would wait. */
export class Placement {
  readonly #slots: readonly Slot[];
  readonly #lanes: Lanes;
  readonly #clock: Clock;
  /** When the last short call came. */
  #shortAt: number;
  /** The slot whose turn is next. */
  #cursor = 0;

  constructor(slots: readonly Slot[], lanes: Lanes, clock: Clock) {
    this.#slots = slots;
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
   * do. To take any with room would let a call wait behind another while a worker has nothing to do.
   */
  #nextSlot(shareable: boolean): Slot | undefined {
    let best: Slot | undefined;
    for (let i = 0; i < this.#slots.length; i++) {
      const slot = this.#slots[(this.#cursor + i) % this.#slots.length]!;
      if (slot.state === "idle") return slot;
      if (shareable && slot.hasRoom && (!best || slot.loadMs < best.loadMs)) best = slot;
    }
    return best;
  }

  /** Whether a long call may have a slot's worker: short ones must not have to wait for it. */
  #mayBeTaken(slot: Slot): boolean {
    if (this.#reliefMs() === Infinity) return true;
    const others = this.#slots.filter((other) => other !== slot && other.isServing);
    return others.length === 0 ||
      others.some((other) =>
        other.state === "idle" || (other.state === "busy" && this.#reliefInMs(other) <= 0)
      );
  }

  /** How soon another worker has to be free for a long call to have the last one. */
  #reliefMs(): number {
    const sinceMs = this.#clock.now() - this.#shortAt;
    if (sinceMs >= UNUSED_MS) return Infinity;
    return sinceMs > QUIET_MS ? QUIET_RELIEF_MS : RELIEF_MS;
  }

  /** In how many milliseconds a slot's worker will be free soon enough for another to be taken. */
  #reliefInMs({ remainingMs, loadMs }: Slot): number {
    return remainingMs + UNSURE * loadMs - this.#reliefMs();
  }

  /** In how many milliseconds a long call that has to wait beside an idle worker may start; `undefined`: nobody knows. */
  changesInMs(): number | undefined {
    if (!this.#slots.some((slot) => slot.state === "idle")) return undefined;
    const due = this.#slots.filter(({ state, leftMs }) => state === "busy" && leftMs > 0)
      .map((slot) => this.#reliefInMs(slot));
    const unusedInMs = this.#shortAt + UNUSED_MS - this.#clock.now();
    const inMs = Math.min(...[...due, unusedInMs].filter((ms) => ms > 0));
    return inMs === Infinity ? undefined : Math.ceil(inMs);
  }

  /** In how many milliseconds a short call would start at the latest, by estimate: if one worker did all that is before it. */
  mostWaitMs(job: Candidate): number {
    const slot = this.#slots.find(({ isServing }) => isServing);
    return slot ? this.#lanes.msBefore(job) + slot.remainingMs : Infinity;
  }

  /** Milliseconds until a call made now would start, by the estimates of those before it. */
  waitMs(job: Candidate): number {
    const beforeMs = this.#lanes.msBefore(job);
    if (beforeMs === 0 && job.lane === "short" && this.#nextSlot(false)) return 0;
    const busyMs = this.#slots.filter(({ isUsable }) => isUsable)
      .map(({ remainingMs }) => remainingMs).sort((a, b) => a - b);
    const waitMs = whenDone(beforeMs, busyMs);
    const [, secondMs] = busyMs;
    // A long one waits until two workers are free, or nearly.
    if (job.lane === "short" || secondMs === undefined) return waitMs;
    return Math.max(waitMs, secondMs - this.#reliefMs());
  }
}

/**
 * When so much work will have been started by workers that become free one after the other.
 *
 * @param freeMs In how many milliseconds each of them is free, ascending.
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
 * Whether a call may be sent behind another: not if nobody knows how long it takes; and not if a worker has died with it,
 * for if it is what kills them, others must not be there.
 */
function isShareable(job: Candidate): boolean {
  return !job.exclusive && job.peakMs !== undefined && job.deaths === 0;
}
