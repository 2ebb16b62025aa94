import type { Clock } from "../clock.ts";
import type { Refused } from "../errors.ts";
import { type Candidate, candidate, type Job } from "../job.ts";
import type { Slot } from "../workers/slot.ts";
import { patience } from "./bounds.ts";
import { Lanes } from "./lanes.ts";
import { Placement } from "./placement.ts";
import type { Roster } from "./roster.ts";

/** A short call of no group, of which nothing else is known. */
const ANY = candidate({ costMs: undefined, peakMs: undefined, lane: "short" });

/** The messages for a waiting call that has to make room. */
const OUT = {
  lane: "Call made room in the queue: there are too many long ones",
  group: "Call made room in the queue: there are too many of its group",
};

/**
 * Decides which calls are taken, which wait, which is next and at which worker. It has two parts: {@linkcode Lanes}
 * and {@linkcode Placement}. To change the policy, change these three and `policy.ts`, and nothing else.
 */
export class Admission {
  readonly max: number;
  readonly lanes = new Lanes();
  readonly placement: Placement;
  readonly #clock: Clock;

  constructor(slots: readonly Slot[], roster: Roster, maxQueue: number, clock: Clock) {
    this.max = maxQueue;
    this.#clock = clock;
    this.placement = new Placement(slots, roster, this.lanes, clock);
  }

  get isFull(): boolean {
    return this.lanes.length >= this.max;
  }

  /** Whether a call would not be refused for a full queue. */
  hasRoomFor(job: Candidate): boolean {
    return !this.isFull || this.placement.slotNow(job) !== undefined ||
      this.lanes.outOfPlace(job, this.max) !== undefined;
  }

  /** Milliseconds that a short call made now would wait, by estimate. */
  get predictedWaitMs(): number {
    return this.placement.waitMs(ANY);
  }

  /**
   * Why a call that comes now is refused, if it is.
   *
   * @param slot Where it would be sent, by {@linkcode Placement.slotNow}.
   */
  refusal(job: Candidate, slot = this.placement.slotNow(job)): Refused | undefined {
    const patienceMs = patience(job);
    if (slot && slot.loadMs <= patienceMs) return undefined;
    const isRefused = !slot && this.isFull && !this.lanes.outOfPlace(job, this.max);
    // The cheap upper bound is enough where it is within the call's patience.
    if (!isRefused && job.lane === "short" && this.placement.mostWaitMs(job) <= patienceMs) {
      return undefined;
    }
    const retryAfterMs = slot ? this.placement.remainingMs(slot) : this.placement.waitMs(job);
    if (isRefused) return { reason: "queue", message: "Queue is full", retryAfterMs };
    if (retryAfterMs <= patienceMs) return undefined;
    const message = `Call would wait ${Math.ceil(retryAfterMs)} ms and may wait ${patienceMs} ms`;
    return { reason: "wait", message, retryAfterMs };
  }

  /** The call that has to leave a full queue for one that was not refused, and why; `undefined` if there is room. */
  pushedOut(job: Job): { readonly job: Job; readonly refused: Refused } | undefined {
    if (!this.isFull) return undefined;
    const { job: other, reason } = this.lanes.outOfPlace(job, this.max)!;
    const retryAfterMs = this.placement.waitMs(other);
    return { job: other, refused: { reason, message: OUT[reason], retryAfterMs } };
  }

  /** The refusal of a call that has waited for as long as it may. */
  tooLate(job: Job): Refused {
    const message = `Call has waited for ${patience(job)} ms`;
    return { reason: "wait", message, retryAfterMs: this.placement.waitMs(job) };
  }

  /** Takes the next call out of the queue that can start now. */
  next(): { readonly job: Job; readonly slot: Slot } | undefined {
    for (const job of this.lanes.next(this.#clock)) {
      const slot = this.placement.slotFor(job);
      if (!slot) continue;
      this.lanes.take(job, this.#clock.now());
      return { job, slot };
    }
    return undefined;
  }
}
