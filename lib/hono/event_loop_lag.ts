import { type Clock, systemClock } from "./clock.ts";

/** How late the event loop was over some time. */
export interface LagSummary {
  /** The most, in milliseconds. */
  readonly maxMs: number;
  /** The mean, in milliseconds. */
  readonly meanMs: number;
}

/** Ten samples a second cost nothing that can be measured, and show every stall of 100 ms. */
const INTERVAL_MS = 100;
/** How many samples are kept: those of a minute. */
const SAMPLES = 600;

/**
 * Measures how late the event loop runs its timers. If something computes on its thread, this shows it. Reading resets
 * nothing, so there can be many readers.
 *
 * `monitorEventLoopDelay` of `node:perf_hooks` misses stalls on Deno: after one of 200 ms it reports 4 ms at most.
 */
export class EventLoopLag {
  readonly #clock: Clock;
  /** A ring: `#count % SAMPLES` is written next. */
  readonly #samples = new Float64Array(SAMPLES);
  #count = 0;
  #stop: (() => void) | undefined;

  /** Does not measure yet. `clock` is the real time by default. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Starts measuring, unless it already does. Keeps the program running until `stop`. */
  start(): void {
    let last = this.#clock.now();
    this.#stop ??= this.#clock.every(INTERVAL_MS, () => {
      const now = this.#clock.now();
      this.#samples[this.#count++ % SAMPLES] = Math.max(0, now - last - INTERVAL_MS);
      last = now;
    });
  }

  /** Stops measuring. What was measured can still be read. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Sums up the last `ms` milliseconds, a minute at most. Zeros before the first sample. */
  summary(ms: number): LagSummary {
    const size = Math.min(Math.ceil(ms / INTERVAL_MS), this.#count, SAMPLES);
    let maxMs = 0;
    let sumMs = 0;
    for (let back = 1; back <= size; back++) {
      const lagMs = this.#samples[(this.#count - back) % SAMPLES];
      maxMs = Math.max(maxMs, lagMs);
      sumMs += lagMs;
    }
    return { maxMs, meanMs: size === 0 ? 0 : sumMs / size };
  }
}
