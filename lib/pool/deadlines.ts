import type { Clock } from "./clock.ts";

/**
 * Deadlines of many things, with one timer for the earliest. A timer for each would cost 1.5 µs to set and
 * clear: as much as everything else there is to a short call.
 *
 * The timer is not cleared when what it was set for is called off, but for the last one; it then fires in vain,
 * once. Calls come and go by the thousand before the earliest of their deadlines would be due.
 *
 * @typeParam T What has a deadline: one at a time.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #passed: (item: T) => void;
  readonly #dueAt = new Map<T, number>();
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
    this.#dueAt.set(item, dueAt);
    if (dueAt < this.#timerAt) this.#setTimer(dueAt, now);
  }

  /** Calls a deadline off. */
  delete(item: T): void {
    this.#dueAt.delete(item);
    if (this.#dueAt.size === 0) this.clear();
  }

  /** Calls all of them off, and the timer. */
  clear(): void {
    this.#dueAt.clear();
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
    // Those that are due first, in the order of their deadlines: what is told of one may call off others.
    const due = [...this.#dueAt].filter(([, at]) => at <= asOf).sort(([, a], [, b]) => a - b);
    for (const [item] of due) {
      // Unless it has been called off or put off since, by what was told of another.
      if ((this.#dueAt.get(item) ?? Infinity) > asOf) continue;
      this.#dueAt.delete(item);
      this.#passed(item);
    }
    let earliest = Infinity;
    for (const at of this.#dueAt.values()) earliest = Math.min(earliest, at);
    if (earliest < this.#timerAt) this.#setTimer(earliest, this.#clock.now());
  }
}
