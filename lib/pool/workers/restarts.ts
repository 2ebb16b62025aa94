import { RESTART_BUDGET, RESTART_MS } from "../policy.ts";

/** Decides how long a slot waits before its next worker when one has died. */
export class Restarts {
  /** Workers in a row that died without having answered a call, and without being on one. */
  #deaths = 0;
  /** Workers that died before one was ever ready; `undefined` once one was. */
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
   * @param wasOnCall Whether it died on a call. The call is to blame then, and the next worker starts soon.
   * @returns Milliseconds until the next one; `undefined` if the slot gives up.
   */
  died(wasOnCall: boolean): number | undefined {
    if (this.#failedStarts !== undefined && ++this.#failedStarts >= RESTART_BUDGET) {
      return undefined;
    }
    if (wasOnCall) this.#deaths = 0;
    return Math.min(RESTART_MS.first * 2 ** this.#deaths++, RESTART_MS.most);
  }
}
