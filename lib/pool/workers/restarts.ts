import { FIRST_START_MS, RESTART_BUDGET, RESTART_MS } from "../policy.ts";
import type { Starter } from "./starter.ts";

/** Starts the first worker of a slot, and the next one after one has died, as long as that may help. */
export class Restarts {
  readonly #starter: Starter;
  readonly #start: () => void;
  /** How many workers in a row died without having answered a call, and while on none. */
  #deaths = 0;
  /** How many workers have died so far, if none was ever ready; `undefined` once one was. */
  #failedStarts: number | undefined = 0;
  #cancelStart: () => void;

  /** @param start Starts a worker in the slot. */
  constructor(starter: Starter, start: () => void) {
    this.#starter = starter;
    this.#start = start;
    this.#cancelStart = starter.ask(FIRST_START_MS, start);
  }

  ready(): void {
    this.#failedStarts = undefined;
  }

  answered(): void {
    this.#deaths = 0;
  }

  /**
   * A worker has died: starts the next one after a pause.
   *
   * @param wasOnCall Whether it died on a call. The call is to blame then, and the next worker starts soon.
   * @returns False if the slot gives up.
   */
  died(wasOnCall: boolean): boolean {
    if (this.#failedStarts !== undefined && ++this.#failedStarts >= RESTART_BUDGET) return false;
    if (wasOnCall) this.#deaths = 0;
    const pauseMs = Math.min(RESTART_MS.first * 2 ** this.#deaths++, RESTART_MS.most);
    this.#cancelStart = this.#starter.ask(pauseMs, this.#start);
    return true;
  }

  cancel(): void {
    this.#cancelStart();
  }
}
