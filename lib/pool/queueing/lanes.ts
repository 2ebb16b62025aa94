import type { Clock } from "../clock.ts";
import type { Candidate, Job } from "../job.ts";
import { LONG_MS, LONGEST_WITHOUT_MS, SHARE } from "../policy.ts";
import { Turns } from "./turns.ts";

/** The queue has two lanes: calls that are expected to be long wait in their own. */
export type Lane = "short" | "long";

const NONE: readonly Job[] = [];

/**
 * Returns the lane of a call. A call of which nothing is known counts as short.
 *
 * @param atLeastMs What the call takes at least: its caller's estimate, or the least that calls of its method took. Not
 * their mean: where a method has short and long calls, that would put all of them into the long lane at times.
 */
export function laneOf(atLeastMs: number | undefined): Lane {
  return atLeastMs !== undefined && atLeastMs >= LONG_MS ? "long" : "short";
}

/**
 * The waiting calls. Short ones go first, and a long one goes now and then, so that long ones don't wait for ever. In
 * each lane the groups take turns.
 */
export class Lanes {
  readonly #turns: Readonly<Record<Lane, Turns<Job>>> = { short: new Turns(), long: new Turns() };
  /** Milliseconds of work in each, as far as it is known. */
  readonly #ms: Record<Lane, number> = { short: 0, long: 0 };
  /** The one group that may have more than half of what waits, if any has. */
  #largest: unknown;
  /** When a long call was last taken from the queue. */
  #longTurnAt = -Infinity;

  get length(): number {
    return this.#turns.short.length + this.#turns.long.length;
  }

  get long(): number {
    return this.#turns.long.length;
  }

  /** Whether a call that comes now has to wait because others wait already. */
  isBehind({ lane }: Candidate): boolean {
    return (lane === "short" ? this.#turns.short.length : this.length) > 0;
  }

  /** The calls that may be next, the preferred one first. */
  next(clock: Clock): readonly Job[] {
    const short = this.#turns.short.first;
    const long = this.#turns.long.first;
    if (!short || !long) return short ? [short] : long ? [long] : NONE;
    const withoutSince = Math.max(long.submittedAt, this.#longTurnAt);
    return clock.now() - withoutSince > LONGEST_WITHOUT_MS ? [long, short] : [short, long];
  }

  /** Puts a call behind the others of its group, or before all others in its lane. */
  add(job: Job, where: "first" | "last"): void {
    const { lane, costMs = 0, options: { group } } = job;
    const turns = this.#turns[lane];
    job.place = where === "last" ? turns.push(job, group) : turns.unshift(job, group);
    this.#ms[lane] += costMs;
    if (this.#lengthOf(group) > this.length / 2) this.#largest = group;
  }

  /** Takes a call out whose turn it is. */
  take(job: Job, now: number): void {
    if (job.lane === "long") this.#longTurnAt = now;
    this.#turns[job.lane].take(job.place!, job.options.group);
    this.#left(job);
  }

  remove(job: Job): void {
    this.#turns[job.lane].remove(job.place!, job.options.group);
    this.#left(job);
  }

  /** Milliseconds of work that a call has before it, if it comes now. */
  msBefore({ lane, options: { group } }: Candidate): number {
    const turns = this.#turns[lane];
    // Groups take turns: before it go as many calls of each group as its own group has, and one more.
    const turnsBefore = turns.groups * (turns.lengthOf(group) + 1);
    const share = Math.min(1, turnsBefore / Math.max(1, turns.length));
    return (lane === "long" ? this.#ms.short : 0) + this.#ms[lane] * share;
  }

  /**
   * Finds the call that a new one replaces when the queue is full: a long call, if the new one is known to be short and
   * long ones have more than their share; else a call of a group that has more than its share, if the new one is of
   * another group.
   */
  outOfPlace(job: Candidate, max: number): { job: Job; reason: "lane" | "group" } | undefined {
    const most = max * SHARE;
    const { long } = this.#turns;
    const isShort = job.lane === "short" && job.costMs !== undefined;
    const reason = isShort && long.length > most ? "lane" : "group";
    const others = reason === "lane" ? long.last : this.#lastBeyond(most, job.options.group);
    // A call that was started once must not be refused any more.
    return others && !others.started ? { job: others, reason } : undefined;
  }

  /** The last call of another group that has more than `most` calls. Calls that name no group are never replaced. */
  #lastBeyond(most: number, group: unknown): Job | undefined {
    const largest = this.#largest;
    if (largest === undefined || largest === group || this.#lengthOf(largest) <= most) {
      return undefined;
    }
    return this.#turns.long.lastOf(largest) ?? this.#turns.short.lastOf(largest);
  }

  #lengthOf(group: unknown): number {
    return this.#turns.short.lengthOf(group) + this.#turns.long.lengthOf(group);
  }

  #left(job: Job): void {
    const { lane, costMs = 0 } = job;
    job.place = undefined;
    // Adding and subtracting fractions leaves a remainder: an empty lane has none.
    if (this.length === 0) this.#largest = undefined;
    this.#ms[lane] = this.#turns[lane].length === 0 ? 0 : Math.max(0, this.#ms[lane] - costMs);
  }
}
