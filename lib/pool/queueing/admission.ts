import type { Clock } from "../clock.ts";
import type { Refused } from "../errors.ts";
import { type Candidate, candidate, type Job } from "../job.ts";
import type { Slot } from "../workers/slot.ts";
import { patience } from "./bounds.ts";
import { Lanes } from "./lanes.ts";
import { Placement } from "./placement.ts";
import type { Roster } from "./roster.ts";

/** A short call of nobody in particular. */
const ANY = candidate({ costMs: undefined, peakMs: undefined, lane: "short", options: {} });

/** Why a waiting call had to make room. */
const OUT = {
  lane: "Call made room in the queue: there are too many long ones",
  group: "Call made room in the queue: there are too many of its group",
};

/**
 * Who is let in, who waits, whose turn is next and at which worker. Whoever wants another policy changes this, its two
 * parts and `policy.ts`, and nothing else: {@linkcode Lanes} say in which order calls wait, {@linkcode Placement} to which
 * worker one goes.
 */
export class Admission {
  readonly #maxQueue: number;
  readonly #clock: Clock;
  readonly #lanes = new Lanes();
  readonly #placement: Placement;

  constructor(slots: readonly Slot[], roster: Roster, maxQueue: number, clock: Clock) {
    this.#maxQueue = maxQueue;
    this.#clock = clock;
    this.#placement = new Placement(slots, roster, this.#lanes, clock);
  }

  /** How many calls wait. */
  get length(): number {
    return this.#lanes.length;
  }

  /** How many of them are expected to be long. */
  get long(): number {
    return this.#lanes.long;
  }

  /** Whether as many calls wait as may. */
  get isFull(): boolean {
    return this.length >= this.#maxQueue;
  }

  /** Whether a call that nobody knows anything of would be taken. */
  get hasRoom(): boolean {
    return !this.isFull || this.slotNow(ANY) !== undefined;
  }

  /** Milliseconds that a short call made now would wait, by estimate. */
  get predictedWaitMs(): number {
    return this.#placement.waitMs(ANY);
  }

  /** In how many milliseconds something may start though nothing tells that it may; `undefined`: nothing will. */
  get changesInMs(): number | undefined {
    return this.long > 0 ? this.#placement.changesInMs() : undefined;
  }

  /** A call has come. */
  came(job: Job): void {
    this.#placement.came(job);
  }

  /** Where a call that comes now would be sent at once; `undefined` if it has to wait. */
  slotNow(job: Candidate): Slot | undefined {
    return this.#placement.slotNow(job);
  }

  /**
   * Why a call that comes now is refused, if it is.
   *
   * @param slot Where it would be sent, by {@linkcode slotNow}.
   */
  refusal(job: Candidate, slot = this.slotNow(job)): Refused | undefined {
    const patienceMs = patience(job);
    if (slot && slot.loadMs <= patienceMs) return undefined;
    const isRefused = !slot && this.isFull && !this.#lanes.outOfPlace(job, this.#maxQueue);
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

  /** Who has to leave a full queue for a call that was not refused, and what it is told. */
  pushedOut(job: Job): { readonly job: Job; readonly refused: Refused } | undefined {
    if (!this.isFull) return undefined;
    const { job: other, reason } = this.#lanes.outOfPlace(job, this.#maxQueue)!;
    const retryAfterMs = this.#placement.waitMs(other);
    return { job: other, refused: { reason, message: OUT[reason], retryAfterMs } };
  }

  /** What a call is told that has waited for as long as it may. */
  tooLate(job: Job): Refused {
    const message = `Call has waited for ${patience(job)} ms`;
    return { reason: "wait", message, retryAfterMs: this.#placement.waitMs(job) };
  }

  /** Puts a call into the queue: last, or before all others of its kind if it had its turn already. */
  add(job: Job, where: "first" | "last"): void {
    this.#lanes.add(job, where);
  }

  /** Takes a call out of the queue. */
  remove(job: Job): void {
    this.#lanes.remove(job);
  }

  /** Takes the next call out of the queue that can start now. */
  next(): { readonly job: Job; readonly slot: Slot } | undefined {
    for (const job of this.#lanes.next(this.#clock)) {
      const slot = this.#placement.slotFor(job);
      if (!slot) continue;
      this.#lanes.take(job, this.#clock.now());
      return { job, slot };
    }
    return undefined;
  }

  /** A call was sent to this slot. */
  took(slot: Slot): void {
    this.#placement.took(slot);
  }
}
