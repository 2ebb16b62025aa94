import { RESTART_BUDGET, RESTART_MS } from "../policy.ts";

/** How long a slot waits with the next worker when one has died. */
export class Restarts {
  /** Workers in a row that died, neither on a call nor after one. */
  #deaths = 0;
  /** Workers that died before the first one was ready; `undefined` since it was. */
  #failedStarts: number | undefined = 0;

  /** A worker takes calls. */
  ready(): void {
    this.#failedStarts = undefined;
  }

  /** A worker has answered a call. */
  answered(): void {
    this.#deaths = 0;
  }

  /**
   * A worker has died.
   *
   * @param wasOnCall Such a call pays with its own life: those that come after it need the slot.
   * @returns Milliseconds until the next one; `undefined`: none is any use.
   */
  died(wasOnCall: boolean): number | undefined {
    if (this.#failedStarts !== undefined && ++this.#failedStarts >= RESTART_BUDGET) {
      return undefined;
    }
    if (wasOnCall) this.#deaths = 0;
    return Math.min(RESTART_MS.first * 2 ** this.#deaths++, RESTART_MS.most);
  }
}
