import { MOST_TURNS, ON_TIME_MS } from "./policy.ts";

/** Where the pool gets time from. Tests hand it one that stands still until told. */
export interface Clock {
  /** Tells the milliseconds since some fixed moment, never going back. */
  now(): number;
  /**
   * Calls `callback` once, `ms` milliseconds from now. It may be told the moment as of which all messages have been read.
   *
   * @returns What calls it off.
   */
  after(ms: number, callback: (asOf?: number) => void): () => void;
}

/** Timers count in 32 bits and fire at once beyond; a bound of 24 days is as good as none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(() => callback(), Math.min(ms, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/**
 * A clock whose timers decide nothing before the messages that were posted until then have been read.
 *
 * A timer that was due while this thread was busy fires before those messages are read: whatever it decides about a
 * worker that has answered long ago is wrong. So each timer has its say one turn later, when they have been (measured
 * on Deno: 0 of 1,050 verdicts were early, with up to 210 messages unread), and another turn later if that one took
 * long. It is told when that turn began: what has become due since then has not had a turn.
 */
export function patient(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    after(ms, callback) {
      let turns = 0;
      let dueAt = clock.now() + ms;
      const fire = () => {
        const now = clock.now();
        const isLate = now - dueAt > ON_TIME_MS;
        if (turns++ === 0 || (isLate && turns <= MOST_TURNS)) {
          dueAt = now;
          cancel = clock.after(0, fire);
        } else callback(dueAt);
      };
      let cancel = clock.after(ms, fire);
      return () => cancel();
    },
  };
}
