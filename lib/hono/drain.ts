import type { Core } from "./core.ts";

/** The longest delay of a timer, 24 days. With one millisecond more it fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The end of a service: first `/readyz` fails, then no work is taken, then every answer has been sent. */
export class Drain {
  readonly #core: Core;
  readonly #delayMs: number;
  /** Requests whose answers have not been sent. */
  #open = 0;
  #isQuiet!: () => void;
  // Not by Promise.withResolvers(): Node has it from 22 on.
  readonly #quiet = new Promise<void>((resolve) => this.#isQuiet = resolve);
  #sealAt = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #sealed: (() => void)[] = [];

  /**
   * @param delayMs How long work is still taken, unless `begin` says otherwise.
   * @throws {RangeError} If that is NaN.
   */
  constructor(core: Core, delayMs: number) {
    if (Number.isNaN(delayMs)) throw new RangeError("drainDelayMs is NaN: must be a number");
    this.#core = core;
    this.#delayMs = delayMs;
  }

  /** Counts a request that has come. */
  came(): void {
    this.#open++;
  }

  /** Counts a request whose answer has been sent. */
  left(): void {
    this.#open--;
    this.#look();
  }

  /** Calls back when no more work is taken. */
  onSealed(callback: () => void): void {
    this.#sealed.push(callback);
  }

  /**
   * Begins to drain. Another call can only make the end of work earlier.
   *
   * @returns Resolves when no work is taken and every answer has been sent.
   * @throws {RangeError} If the delay is NaN. Nothing has changed then.
   */
  begin(delayMs: number = this.#delayMs): Promise<void> {
    if (Number.isNaN(delayMs)) throw new RangeError("delayMs is NaN: must be a number");
    delayMs = Math.min(delayMs, MAX_TIMER_MS);
    const sealAt = performance.now() + delayMs;
    if (this.#core.phase !== "sealed" && sealAt < this.#sealAt) {
      this.#core.phase = "leaving";
      this.#sealAt = sealAt;
      clearTimeout(this.#timer);
      if (delayMs > 0) this.#timer = setTimeout(() => this.#seal(), delayMs);
      else this.#seal();
    }
    return this.#quiet;
  }

  #seal(): void {
    this.#core.phase = "sealed";
    this.#core.sealedAt = this.#core.now();
    for (const callback of this.#sealed) callback();
    this.#look();
  }

  #look(): void {
    if (this.#core.phase === "sealed" && this.#open === 0) this.#isQuiet();
  }
}
