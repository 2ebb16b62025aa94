import type { Backend, BackendCallOptions, Timing } from "../../lib/pool/mod.ts";

/** What a {@linkcode HeldBackend} serves. */
export interface HeldApi {
  /** Comes to whatever its test says. */
  f(n: number, form?: string): unknown;
}

/** A call that was made, waiting for its test to settle it. */
export interface HeldCall {
  readonly args: readonly unknown[];
  readonly options: BackendCallOptions;
  /** What {@linkcode answer} answers with, recognizable by identity. */
  readonly value: Uint8Array<ArrayBuffer>;
  readonly result: Promise<unknown>;
  /** @param value Default: `this.value`. */
  answer(value?: unknown, timing?: Partial<Timing>): void;
  fail(error: unknown): void;
}

/** Holds each call until its test settles it. */
export class HeldBackend implements Backend<HeldApi> {
  declare readonly api?: HeldApi;
  readonly calls: HeldCall[] = [];
  isBusy = false;
  #arrived = Promise.withResolvers<void>();
  #closed = false;

  /**
   * @param options `deaf`: a signal that aborts does not reject its call, as if the work could not be stopped. `bytes`:
   * how long answers are.
   */
  constructor(readonly options: { deaf?: boolean; bytes?: number } = {}) {}

  // deno-lint-ignore no-explicit-any -- whatever a test answers with
  call(_method: string, args: readonly unknown[], options: BackendCallOptions = {}): Promise<any> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { deaf = false, bytes = 8 } = this.options;
    const value = new Uint8Array(bytes).fill(0x31);
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!deaf) signal?.addEventListener("abort", () => reject(signal.reason));
    const answer: HeldCall["answer"] = (given = value, timing) => {
      options.onTiming?.({ waitMs: 2, runMs: 3, transferMs: 0, ...timing });
      resolve(given);
    };
    this.calls.push({ args, options, value, result: promise, answer, fail: reject });
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return promise;
  }

  /** @returns The call at `index`, once it has been made. */
  async at(index: number): Promise<HeldCall> {
    while (this.calls.length <= index) await this.#arrived.promise;
    return this.calls[index];
  }

  stats(): Record<never, never> {
    return {};
  }

  health(): { ready: boolean; healthy: boolean } {
    return { ready: !this.#closed, healthy: !this.#closed };
  }

  close(): Promise<{ abandoned: number; wedged: number }> {
    this.#closed = true;
    return Promise.resolve({ abandoned: 0, wedged: 0 });
  }
}

/** Takes over who listens to a signal. @returns Its listeners as they come and go. */
export function listenersOf(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  Object.assign(signal, {
    addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
  });
  return listeners;
}

/** Lets everything that is due happen: promises settle, nothing has to wait for time. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
