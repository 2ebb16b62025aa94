import type { Core } from "./core.ts";

/** The longest delay a timer takes, 24 days: one millisecond more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The end of a service: first it is not ready, then it takes no work, then it is quiet. */
export class Drain {
  readonly #core: Core;
  readonly #delayMs: number;
  /** Requests whose answers have not been sent. */
  #open = 0;
  #isQuiet!: () => void;
  readonly #quiet = new Promise<void>((resolve) => this.#isQuiet = resolve);
  #sealAt = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #sealed: (() => void)[] = [];

  /**
   * @param delayMs How long work is taken after it has begun, unless told otherwise.
   * @throws {RangeError} If that is no number.
   */
  constructor(core: Core, delayMs: number) {
    if (Number.isNaN(delayMs)) throw new RangeError("drainDelayMs is NaN: must be a number");
    this.#core = core;
    this.#delayMs = delayMs;
  }

  /** A request has come. */
  came(): void {
    this.#open++;
  }

  /** Its answer has been sent. */
  left(): void {
    this.#open--;
    this.#look();
  }

  /** Calls back when no more work is taken. */
  onSealed(callback: () => void): void {
    this.#sealed.push(callback);
  }

  /**
   * Begins, or makes it sooner.
   *
   * @returns Resolves when it is quiet.
   * @throws {RangeError} If the delay is no number. Nothing has changed then.
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
    for (const callback of this.#sealed) callback();
    this.#look();
  }

  #look(): void {
    if (this.#core.phase === "sealed" && this.#open === 0) this.#isQuiet();
  }
}
