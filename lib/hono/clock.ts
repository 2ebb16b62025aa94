/** Where this folder gets time from. Tests hand it one that stands still until told. */
export interface Clock {
  /** Tells the milliseconds since some fixed moment, never going back. */
  now(): number;
  /**
   * Calls `callback` every `ms` milliseconds.
   *
   * @returns Ends it.
   */
  every(ms: number, callback: () => void): () => void;
}

/** The real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  every: (ms, callback) => {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
};
