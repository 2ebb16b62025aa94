import type { Clock } from "../clock.ts";
import { LONGEST_PAUSE_MS, SPACING_MS } from "../policy.ts";

/**
 * Starts workers one after the other. While none can be loaded, it tries again with growing pauses, and never gives
 * up. As soon as one is loaded, the others follow.
 */
export class Starter {
  readonly #clock: Clock;
  readonly #waiting = new Map<() => void, number>();
  /** When the last one was started, and the next one will be. */
  #lastAt = -Infinity;
  #startAt = -Infinity;
  /** Workers in a row that could not be loaded, since one could. */
  #failures = 0;
  #wasReady = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a start, in `ms` at the earliest. @returns A function that cancels it. */
  ask(ms: number, start: () => void): () => void {
    this.#waiting.set(start, this.#clock.now() + ms);
    this.#setTimer();
    return () => {
      this.#waiting.delete(start);
      this.#setTimer();
    };
  }

  succeeded(): void {
    this.#wasReady = true;
    this.#failures = 0;
    this.#setTimer();
  }

  failed(): void {
    // If none could ever be loaded, the module is broken: no longer pauses, so that `ready` rejects soon.
    if (this.#wasReady) this.#failures++;
  }

  #setTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#waiting.size === 0) return;
    const earliest = Math.min(...this.#waiting.values());
    const pauseMs = Math.min(SPACING_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    const now = this.#clock.now();
    this.#startAt = Math.max(earliest, this.#lastAt + pauseMs, now);
    this.#cancelTimer = this.#clock.after(this.#startAt - now, () => this.#startNext());
  }

  #startNext(): void {
    const earliest = Math.min(...this.#waiting.values());
    const [start] = [...this.#waiting].find(([, at]) => at === earliest)!;
    this.#waiting.delete(start);
    this.#lastAt = this.#startAt;
    start();
    this.#setTimer();
  }
}
