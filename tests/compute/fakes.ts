import type {
  Compute,
  ComputeOptions,
  FibonacciJob,
  FibonacciResult,
} from "../../lib/compute/mod.ts";

/** A call that was made, waiting for its test to settle it. */
export interface HeldCall {
  readonly job: FibonacciJob;
  readonly options: ComputeOptions;
  /** The digits that {@linkcode answer} answers with, recognizable by identity. */
  readonly digits: Uint8Array<ArrayBuffer>;
  readonly result: Promise<FibonacciResult>;
  answer(part?: Partial<FibonacciResult>): void;
  fail(error: unknown): void;
}

/** Holds each call until its test settles it. */
export class HeldCompute {
  readonly calls: HeldCall[] = [];
  #arrived = Promise.withResolvers<void>();

  /**
   * @param options `deaf`: a signal that aborts does not reject its call, as if the work could not be
   * stopped. `digitBytes`: how long answers are.
   */
  constructor(readonly options: { deaf?: boolean; digitBytes?: number } = {}) {}

  readonly compute: Compute = (job, options = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<FibonacciResult>();
    const { deaf = false, digitBytes = 8 } = this.options;
    if (!deaf) options.signal?.addEventListener("abort", () => reject(options.signal!.reason));
    const digits = new Uint8Array(digitBytes).fill(0x31);
    this.calls.push({
      job,
      options,
      digits,
      result: promise,
      answer: (part) => resolve({ digits, cache: "off", queueMs: 2, computeMs: 3, ...part }),
      fail: reject,
    });
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return promise;
  };

  /** @returns The call at `index`, once it has been made. */
  async call(index: number): Promise<HeldCall> {
    while (this.calls.length <= index) await this.#arrived.promise;
    return this.calls[index];
  }
}
