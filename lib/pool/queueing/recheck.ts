import type { Clock } from "../clock.ts";
import type { Admission } from "./admission.ts";

/**
 * Checks by a timer whether a waiting call can start. Most calls start when another one ends, which is an event. But
 * no event says that a long call may now take the last idle worker, because another worker will soon be free.
 */
export class Recheck {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #look: () => void;
  #roomsAwaited = 0;
  #cancelTimer: (() => void) | undefined;

  /** @param look Starts what can start. */
  constructor(clock: Clock, admission: Admission, look: () => void) {
    this.#clock = clock;
    this.#admission = admission;
    this.#look = look;
  }

  /** Sets the timer anew, after a change. */
  set(): void {
    this.cancel();
    const { lanes, placement } = this.#admission;
    if (lanes.long === 0 && this.#roomsAwaited === 0) return;
    const inMs = placement.changesInMs();
    if (inMs !== undefined) this.#cancelTimer = this.#clock.after(inMs, this.#look);
  }

  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Keeps the timer for as long as a caller waits for room, too. */
  async during(wait: () => Promise<void>): Promise<void> {
    this.#roomsAwaited++;
    this.set();
    try {
      await wait();
    } finally {
      this.#roomsAwaited--;
      this.set();
    }
  }
}
