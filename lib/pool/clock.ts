/** Where the pool gets time from. Tests hand it one that stands still until told. */
export interface Clock {
  /** Tells the milliseconds since some fixed moment, never going back. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now. @returns What calls it off. */
  after(ms: number, callback: () => void): () => void;
}

/** Timers count in 32 bits and fire at once beyond; a bound of 24 days is as good as none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
