/**
 * How much longer than the quickest event another may have been on its way, for each second in between: clocks
 * drift apart, if slowly. More would take a slow event for the drift; less would not follow a clock that is off
 * by a minute a day.
 */
const DRIFT_MS_PER_S = 1;

/** Knows what the service's clock says, from the moments that its events tell of. */
export class RemoteClock {
  /** What this page's clock is ahead of the service's, and the shortest delay of an event. */
  #aheadMs: number | undefined;
  #heardAtMs = 0;

  /** Takes note of an event that told of the moment `now`, and came at `pageMs` by this page's clock. */
  hear(now: number, pageMs: number): void {
    const aheadMs = pageMs - now;
    const driftMs = (pageMs - this.#heardAtMs) / 1000 * DRIFT_MS_PER_S;
    this.#aheadMs = Math.min((this.#aheadMs ?? Infinity) + driftMs, aheadMs);
    this.#heardAtMs = pageMs;
  }

  /** Forgets what it knows: one of the clocks may have stood still, or be another. */
  reset(): void {
    this.#aheadMs = undefined;
  }

  /** The service's moment at one of this page; `undefined` if nothing has been heard. */
  at(pageMs: number): number | undefined {
    return this.#aheadMs === undefined ? undefined : pageMs - this.#aheadMs;
  }
}
