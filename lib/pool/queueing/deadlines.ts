import type { Clock } from "../clock.ts";

/** A deadline. Its item may have lost it since, or been given another. */
interface Deadline<T> {
  readonly item: T;
  readonly at: number;
}

/**
 * How many deleted deadlines are kept, in addition to as many as there are valid ones. Fewer would tidy up often when
 * there are few calls; more would keep more settled jobs in memory.
 */
const SPARE = 64;

/**
 * Deadlines of many things, with one timer for the earliest. A timer for each would cost 1.5 µs to set and
 * clear: as much as everything else there is to a short call.
 *
 * The timer is cleared only when no deadline is left. If its own deadline is deleted, it fires once without effect:
 * that is cheaper, as thousands of calls come and go before the earliest deadline is due. For the same reason a deleted
 * deadline stays in the list until its time comes, or until the deleted ones outnumber the others.
 *
 * @typeParam T What has a deadline: one at a time.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #passed: (item: T) => void;
  /** The valid deadline of each item. */
  readonly #current = new Map<T, Deadline<T>>();
  /** The earliest first; those of one moment in the order in which they were set. */
  #list: Deadline<T>[] = [];
  /** When the timer fires; `Infinity` if none is set. */
  #timerAt = Infinity;
  #cancelTimer: (() => void) | undefined;

  /** @param passed Called with each item whose deadline has passed. The deadline is deleted before. */
  constructor(clock: Clock, passed: (item: T) => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  /** Sets the deadline of an item, in place of the one it has; `Infinity` for none. */
  set(item: T, dueAt: number, now: number): void {
    if (dueAt === Infinity) return this.delete(item);
    if (this.#current.get(item)?.at === dueAt) return;
    const deadline = { item, at: dueAt };
    this.#current.set(item, deadline);
    this.#insert(deadline);
    if (this.#list.length > 2 * this.#current.size + SPARE) {
      this.#list = this.#list.filter((deadline) => this.#isCurrent(deadline));
    }
    if (dueAt < this.#timerAt) this.#setTimer(dueAt, now);
  }

  delete(item: T): void {
    this.#current.delete(item);
    if (this.#current.size === 0) this.clear();
  }

  clear(): void {
    this.#current.clear();
    this.#list = [];
    this.#timerAt = Infinity;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #setTimer(at: number, now: number): void {
    this.#cancelTimer?.();
    this.#timerAt = at;
    // Rounded up: a timer that fires a fraction of a millisecond early would have to be set again.
    const inMs = Math.max(0, Math.ceil(at - now));
    this.#cancelTimer = this.#clock.after(inMs, (asOf) => this.#fire(asOf));
  }

  /** @param asOf See {@linkcode Clock.after}. Deadlines that became due after it wait for another timer. */
  #fire(asOf = this.#clock.now()): void {
    this.#timerAt = Infinity;
    // Taken out before any callback runs: a deadline that a callback sets waits for another timer, even if it is due.
    for (const deadline of this.#list.splice(0, this.#countUntil(asOf))) {
      // The callback of an earlier one may have deleted or replaced it.
      if (!this.#isCurrent(deadline)) continue;
      this.#current.delete(deadline.item);
      this.#passed(deadline.item);
    }
    const earliest = this.#list.find((deadline) => this.#isCurrent(deadline))?.at ?? Infinity;
    if (earliest < this.#timerAt) this.#setTimer(earliest, this.#clock.now());
  }

  #isCurrent(deadline: Deadline<T>): boolean {
    return this.#current.get(deadline.item) === deadline;
  }

  #insert(deadline: Deadline<T>): void {
    const index = this.#countUntil(deadline.at);
    // Most come last, and splice() makes a list of what it has taken out.
    if (index === this.#list.length) this.#list.push(deadline);
    else this.#list.splice(index, 0, deadline);
  }

  /** How many are due at a moment, by a binary search. */
  #countUntil(at: number): number {
    const list = this.#list;
    if (list.length === 0 || list.at(-1)!.at <= at) return list.length;
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
