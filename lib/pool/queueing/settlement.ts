import { deferred } from "../deferred.ts";
import type { Job } from "../job.ts";
import type { Ending, Meter } from "../meter.ts";

/** Lets each job end exactly once, and tells those who wait for a condition. */
export class Settlement {
  readonly #meter: Meter;
  /** The jobs that have not ended, in the order in which they came. */
  readonly unsettled = new Set<Job>();
  #waiters: { readonly condition: () => boolean; readonly resolve: () => void }[] = [];

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /**
   * Ends a call. Of result, abort, deadline, crash and close, the first one decides; the others find it settled.
   *
   * @returns Whether this was its end; false if that had come already.
   */
  settle(job: Job, ending: Ending, error?: unknown): boolean {
    if (job.settled) return false;
    job.settled = true;
    job.reportQueue?.end();
    this.unsettled.delete(job);
    this.#meter.ended(ending);
    job.options.signal?.removeEventListener("abort", job.onAbort!);
    // In a microtask: if it throws or calls the pool, no job may be half settled.
    if (job.trace) queueMicrotask(() => job.trace!.ended(error));
    return true;
  }

  /** Resolves when a condition holds. It is checked after each change. @param signal Ends the waiting. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (condition()) return Promise.resolve();
    const { promise, resolve, reject } = deferred<void>();
    const waiter = { condition, resolve };
    this.#waiters.push(waiter);
    const abort = () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", abort);
    return promise.finally(() => signal?.removeEventListener("abort", abort));
  }

  changed(): void {
    if (this.#waiters.length === 0) return;
    for (const waiter of this.#waiters.filter(({ condition }) => condition())) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve();
    }
  }
}
