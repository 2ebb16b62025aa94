import type { Clock } from "../clock.ts";
import type { Candidate, Job } from "../job.ts";
import { LONG_MS, LONGEST_WITHOUT_MS, SHARE } from "../policy.ts";
import { Turns } from "./turns.ts";

/** Which of the two queues a call waits in: those that are expected to be long wait apart. */
export type Lane = "short" | "long";

const NONE: readonly Job[] = [];

/**
 * @param atLeastMs What a call takes at least: its caller's estimate, or what any call of its method does. By the mean of
 * calls of which some are short and some long, all of them would be long at times. One that nobody knows anything of is
 * taken for short.
 */
export function laneOf(atLeastMs: number | undefined): Lane {
  return atLeastMs !== undefined && atLeastMs >= LONG_MS ? "long" : "short";
}

/** What waits: short calls first, and long ones so often that they don't wait for ever; in each lane, groups in turn. */
export class Lanes {
  readonly #turns: Readonly<Record<Lane, Turns<Job>>> = { short: new Turns(), long: new Turns() };
  /** Milliseconds of work in each, as far as it is known. */
  readonly #ms: Record<Lane, number> = { short: 0, long: 0 };
  /** The one group that may have more than half of what waits, if any has. */
  #largest: unknown;
  /** When the last long call had its turn. */
  #longTurnAt = -Infinity;

  /** How many calls wait. */
  get length(): number {
    return this.#turns.short.length + this.#turns.long.length;
  }

  /** How many of them are long. */
  get long(): number {
    return this.#turns.long.length;
  }

  /** Whether a call that comes now has to wait for those that do already. */
  isBehind({ lane }: Candidate): boolean {
    return (lane === "short" ? this.#turns.short.length : this.length) > 0;
  }

  /** The calls that may be next, rather the first than the second. */
  next(clock: Clock): readonly Job[] {
    const short = this.#turns.short.first;
    const long = this.#turns.long.first;
    if (!short || !long) return short ? [short] : long ? [long] : NONE;
    const withoutSince = Math.max(long.submittedAt, this.#longTurnAt);
    return clock.now() - withoutSince > LONGEST_WITHOUT_MS ? [long, short] : [short, long];
  }

  /** Puts a call behind those of its group, or before all others of its lane. */
  add(job: Job, where: "first" | "last"): void {
    const { lane, costMs = 0, options: { group } } = job;
    const turns = this.#turns[lane];
    job.place = where === "last" ? turns.push(job, group) : turns.unshift(job, group);
    this.#ms[lane] += costMs;
    if (this.#lengthOf(group) > this.length / 2) this.#largest = group;
  }

  /** Takes a call out that has its turn. */
  take(job: Job, now: number): void {
    if (job.lane === "long") this.#longTurnAt = now;
    this.#turns[job.lane].take(job.place!, job.options.group);
    this.#left(job);
  }

  /** Takes a call out from wherever it stands. */
  remove(job: Job): void {
    this.#turns[job.lane].remove(job.place!, job.options.group);
    this.#left(job);
  }

  /** Milliseconds of work that a call has before it, if it comes now. */
  msBefore({ lane, options: { group } }: Candidate): number {
    const turns = this.#turns[lane];
    // Of each other group as many go before it as its own has, and it.
    const turnsBefore = turns.groups * (turns.lengthOf(group) + 1);
    const share = Math.min(1, turnsBefore / Math.max(1, turns.length));
    return (lane === "long" ? this.#ms.short : 0) + this.#ms[lane] * share;
  }

  /**
   * Whom a call takes the place of when the queue is full: a long call, if it is known to be short and long ones have more
   * than their share; or one of a group that has more than its share, if it is another's.
   */
  outOfPlace(job: Candidate, max: number): { job: Job; reason: "lane" | "group" } | undefined {
    const most = max * SHARE;
    const { long } = this.#turns;
    const isShort = job.lane === "short" && job.costMs !== undefined;
    const reason = isShort && long.length > most ? "lane" : "group";
    const others = reason === "lane" ? long.last : this.#lastBeyond(most, job.options.group);
    // What was started once is not refused any more.
    return others && !others.started ? { job: others, reason } : undefined;
  }

  /** The last call of the group that has more than so many, if it is another. Those of no group are nobody's. */
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
    // What is added and taken off again leaves a rest.
    if (this.length === 0) this.#largest = undefined;
    this.#ms[lane] = this.#turns[lane].length === 0 ? 0 : Math.max(0, this.#ms[lane] - costMs);
  }
}
