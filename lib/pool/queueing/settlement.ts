import type { Job } from "../job.ts";
import type { Ending, Meter } from "../meter.ts";

/** Calls that have come and not ended, and who waits for something to come of them. */
export class Settlement {
  readonly #meter: Meter;
  readonly #unsettled = new Set<Job>();
  #waiters: { readonly condition: () => boolean; readonly resolve: () => void }[] = [];

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** How many there are. */
  get size(): number {
    return this.#unsettled.size;
  }

  /** All of them, in the order in which they came. */
  get jobs(): Job[] {
    return [...this.#unsettled];
  }

  /** A call has come. */
  add(job: Job): void {
    this.#unsettled.add(job);
  }

  /**
   * Ends a call: whichever of result, abort, deadline, crash and close comes first decides, and the others find it settled.
   *
   * @returns Whether this was its end; false if that had come already.
   */
  settle(job: Job, ending: Ending, error?: unknown): boolean {
    if (job.settled) return false;
    job.settled = true;
    job.hearing?.end();
    this.#unsettled.delete(job);
    this.#meter.ended(ending);
    job.options.signal?.removeEventListener("abort", job.onAbort!);
    if (job.trace) tell(() => job.trace!.ended(error));
    return true;
  }

  /** Resolves when a condition holds, which is looked at after each change. @param signal Ends the waiting. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = {
        condition,
        resolve: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Something has changed. */
  changed(): void {
    if (this.#waiters.length === 0) return;
    const met = this.#waiters.filter(({ condition }) => condition());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  }
}

/** Apart from what goes on here: a listener that throws must not leave other jobs half settled. */
export function tell(listener: () => void): void {
  queueMicrotask(listener);
}
