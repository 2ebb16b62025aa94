import type { Clock } from "../clock.ts";

/** A deadline. Its item may have lost it since, or been given another. */
interface Deadline<T> {
  readonly item: T;
  readonly at: number;
  /** Counts deadlines, so that those of one moment pass in the order in which they were set. */
  readonly order: number;
}

/**
 * How many deleted deadlines the heap may hold, in addition to as many as there are valid ones. Fewer would rebuild the
 * heap often when there are few calls; more would keep more settled jobs in memory.
 */
const SPARE = 64;

/**
 * Deadlines of many things, with one timer for the earliest. A timer for each would cost 1.5 µs to set and
 * clear: as much as everything else there is to a short call.
 *
 * The timer is cleared only when no deadline is left. If its own deadline is deleted, it fires once without effect:
 * that is cheaper, as thousands of calls come and go before the earliest deadline is due.
 *
 * The deadlines are in a binary heap, the earliest first. Deleting one removes it from the map alone. The heap skips it
 * when its time comes, or drops it when the deleted ones outnumber the others.
 *
 * @typeParam T What has a deadline: one at a time.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #passed: (item: T) => void;
  /** The valid deadline of each item. */
  readonly #current = new Map<T, Deadline<T>>();
  /** The children of what stands at `i` stand at `2i + 1` and `2i + 2`, and are not before it. */
  #heap: Deadline<T>[] = [];
  #count = 0;
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
    const deadline = { item, at: dueAt, order: this.#count++ };
    this.#current.set(item, deadline);
    this.#push(deadline);
    if (this.#heap.length > 2 * this.#current.size + SPARE) this.#tidy();
    if (dueAt < this.#timerAt) this.#setTimer(dueAt, now);
  }

  /** Deletes the deadline of an item. */
  delete(item: T): void {
    this.#current.delete(item);
    if (this.#current.size === 0) this.clear();
  }

  /** Deletes all deadlines, and clears the timer. */
  clear(): void {
    this.#current.clear();
    this.#heap = [];
    this.#timerAt = Infinity;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #setTimer(at: number, now: number): void {
    this.#cancelTimer?.();
    this.#timerAt = at;
    // Rounded up: a timer that fires a fraction of a millisecond early would have to be set again.
    this.#cancelTimer = this.#clock.after(
      Math.max(0, Math.ceil(at - now)),
      (asOf) => this.#fire(asOf),
    );
  }

  /** @param asOf See {@linkcode Clock.after}. Deadlines that became due after it wait for another timer. */
  #fire(asOf = this.#clock.now()): void {
    this.#timerAt = Infinity;
    // Taken out before any callback runs: a deadline that a callback sets waits for another timer, even if it is due.
    const due: Deadline<T>[] = [];
    while (this.#earliest() <= asOf) due.push(this.#pop());
    for (const deadline of due) {
      // The callback of an earlier one may have deleted or replaced it.
      if (!this.#isCurrent(deadline)) continue;
      this.#current.delete(deadline.item);
      this.#passed(deadline.item);
    }
    const earliest = this.#earliest();
    if (earliest < this.#timerAt) this.#setTimer(earliest, this.#clock.now());
  }

  #isCurrent(deadline: Deadline<T>): boolean {
    return this.#current.get(deadline.item) === deadline;
  }

  /** When the next one passes; `Infinity` if there is none. Removes deleted ones that stand before it. */
  #earliest(): number {
    while (this.#heap.length > 0) {
      if (this.#isCurrent(this.#heap[0]!)) return this.#heap[0]!.at;
      this.#pop();
    }
    return Infinity;
  }

  /** Removes all deleted ones. A sorted list is a valid heap. */
  #tidy(): void {
    this.#heap = this.#heap.filter((deadline) => this.#isCurrent(deadline))
      .sort((a, b) => a.at - b.at || a.order - b.order);
  }

  #push(deadline: Deadline<T>): void {
    const heap = this.#heap;
    let i = heap.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(deadline, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = deadline;
  }

  /** Takes out the first; there must be one. */
  #pop(): Deadline<T> {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore<T>(a: Deadline<T>, b: Deadline<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
