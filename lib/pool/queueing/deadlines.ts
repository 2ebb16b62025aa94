import type { Clock } from "../clock.ts";

/** A deadline; what it was set for may have been called off since, or been given another. */
interface Deadline<T> {
  readonly item: T;
  readonly at: number;
  /** Counts deadlines, so that those of one moment pass in the order in which they were set. */
  readonly order: number;
}

/**
 * How many deadlines that are called off may be kept, beside as many as there are good ones. Fewer would have few calls
 * sort their deadlines often; more would keep more of what is settled.
 */
const SPARE = 64;

/**
 * Deadlines of many things, with one timer for the earliest. A timer for each would cost 1.5 µs to set and
 * clear: as much as everything else there is to a short call.
 *
 * The timer is not cleared when what it was set for is called off, but for the last one; it then fires in vain,
 * once. Calls come and go by the thousand before the earliest of their deadlines would be due.
 *
 * They are in a binary heap, the earliest first. To call one off takes it from the map alone: in the heap it is passed
 * over when its time comes, or when those called off outnumber the others.
 *
 * @typeParam T What has a deadline: one at a time.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #passed: (item: T) => void;
  /** The deadline that each thing has. */
  readonly #current = new Map<T, Deadline<T>>();
  /** The children of what stands at `i` stand at `2i + 1` and `2i + 2`, and are not before it. */
  #heap: Deadline<T>[] = [];
  #count = 0;
  /** When the timer fires; `Infinity` if none is set. */
  #timerAt = Infinity;
  #cancelTimer: (() => void) | undefined;

  /** @param passed Told of each deadline that has passed, which is then forgotten. */
  constructor(clock: Clock, passed: (item: T) => void) {
    this.#clock = clock;
    this.#passed = passed;
  }

  /** Gives a thing its deadline, in place of the one it has; `Infinity` for none. */
  set(item: T, dueAt: number, now: number): void {
    if (dueAt === Infinity) return this.delete(item);
    const deadline = { item, at: dueAt, order: this.#count++ };
    this.#current.set(item, deadline);
    this.#push(deadline);
    if (this.#heap.length > 2 * this.#current.size + SPARE) this.#tidy();
    if (dueAt < this.#timerAt) this.#setTimer(dueAt, now);
  }

  /** Calls a deadline off. */
  delete(item: T): void {
    this.#current.delete(item);
    if (this.#current.size === 0) this.clear();
  }

  /** Calls all of them off, and the timer. */
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
    // Whole milliseconds, up: a timer that came a fraction early would be set again for that fraction.
    this.#cancelTimer = this.#clock.after(
      Math.max(0, Math.ceil(at - now)),
      (asOf) => this.#fire(asOf),
    );
  }

  /** @param asOf What has become due since then waits for a timer of its own. */
  #fire(asOf = this.#clock.now()): void {
    this.#timerAt = Infinity;
    // All of them before any is told of: one that is set meanwhile has a timer of its own, even if it is due.
    const due: Deadline<T>[] = [];
    while (this.#earliest() <= asOf) due.push(this.#pop());
    for (const deadline of due) {
      // Unless it has been called off or put off since, by what was told of another.
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

  /** When the next one passes; `Infinity` if there is none. Takes those out before it that were called off. */
  #earliest(): number {
    while (this.#heap.length > 0) {
      if (this.#isCurrent(this.#heap[0]!)) return this.#heap[0]!.at;
      this.#pop();
    }
    return Infinity;
  }

  /** Takes out what was called off: what is sorted is a heap. */
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
