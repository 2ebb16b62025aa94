/**
 * Detects the death of a worker by roll call, where threads share memory and there are no locks.
 *
 * A worker leaves waiters at a word of shared memory (`Atomics.waitAsync`). The process has the list of them, not the
 * thread: `Atomics.notify` takes one off the list and returns at once how many it took, however busy the thread is.
 * When the thread is gone, so are its waiters, and `notify` takes none.
 *
 * ```
 *  pool, once a second                    the list                     worker
 *   │                                      w w w w ◄──────────────────── │  leaves waiters, then counts them
 *   │  notify ── takes one: it lives ────► w w w                         │
 *   │                                      w w w w ◄──────────────────── │  leaves another, when it is free
 *   │  notify ── there is none: it is dead                               ┴
 * ```
 *
 * So a `notify` that takes none is proof of death. A busy thread's waiters are there, and neither late timers nor
 * unread messages matter. Only a worker without waiters looks like a dead one. So both sides keep a count in shared
 * memory: the worker adds one after it has left a waiter, and the pool subtracts one after it has taken one. Nobody
 * else takes any. So if the count is above zero and the thread exists, there is a waiter. If the thread ends between
 * leaving a waiter and adding one, the count is one too low. That matters only when all others are taken: at a count
 * of zero nothing is decided.
 *
 * The limit: a thread that doesn't return to its event loop leaves no new waiters. In the first 48 s of such a run, a
 * death is noticed within a second; after that, within as long again as the run has taken; after a day and a half,
 * not at all.
 *
 * @module
 */

import type { Watch, WatchOptions } from "./liveness.ts";

/**
 * How often the roll is called, in milliseconds. More often would notice a death sooner; more rarely would cost less:
 * each call takes 0.1 ms of processor time, which is a thousandth of a core for ten workers.
 */
const EVERY_MS = 1_000;

/** The first pause, in ms, for a worker that is about to end. Pauses double. Shorter would use up its waiters. */
const SOON_MS = 4;

/** How many waiters a worker has. More would last longer; each costs a microsecond at the start, and some memory. */
const WAITERS = 64;

/** With so many left the worker is woken to leave more: an idle one would not notice that some were taken. */
const FEW = 32;

/** From so many on, the pause before the next one is taken doubles each time. */
const LAST = 16;

const Word = {
  /** The word that waiters wait at. Its value never changes. */
  POST: 0,
  /** How many waiters are there. */
  COUNT: 1,
} as const;

export function canCallRoll(): boolean {
  return typeof SharedArrayBuffer === "function" && typeof Atomics.waitAsync === "function";
}

/**
 * Answers roll calls from now on, for as long as this thread exists.
 *
 * @param signal Ends it, as if the thread had ended.
 * @returns The shared words that the roll is called with.
 */
export function answerRollCall(signal?: AbortSignal): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const leaveWaiter = () => {
    if (signal?.aborted) return;
    const waiter = Atomics.waitAsync(words, Word.POST, 0);
    Atomics.add(words, Word.COUNT, 1);
    if (waiter.async) waiter.value.then(leaveWaiter);
  };
  for (let i = 0; i < WAITERS; i++) leaveWaiter();
  signal?.addEventListener("abort", () => Atomics.notify(words, Word.POST));
  return words;
}

/** Calls one worker's roll until the worker is dead, or the watch is stopped. */
export function callRoll(words: Int32Array, { clock, ping, died }: WatchOptions): Watch {
  /** The pause until the next call, at most. */
  let pauseMs = EVERY_MS;
  /** When one of the last waiters may be taken. */
  let spareUntil = -Infinity;
  let isWaking = false;
  let cancelTimer = () => {};

  function setTimer(): void {
    // The rolls of all workers are called together: this thread wakes up once, not once for each.
    const nextMs = Math.ceil(EVERY_MS - clock.now() % EVERY_MS);
    cancelTimer();
    cancelTimer = clock.after(Math.min(pauseMs, nextMs), () => {
      pauseMs = Math.min(2 * pauseMs, EVERY_MS);
      if (isDead()) return died();
      setTimer();
    });
  }

  function isDead(): boolean {
    const count = Atomics.load(words, Word.COUNT);
    if (count <= FEW && !isWaking) {
      isWaking = true;
      ping(() => isWaking = false);
    }
    if (count === 0 || count <= LAST && clock.now() < spareUntil) return false;
    if (Atomics.notify(words, Word.POST, 1) === 0) return true;
    Atomics.sub(words, Word.COUNT, 1);
    spareUntil = clock.now() + EVERY_MS * 2 ** Math.max(0, LAST - count + 1);
    return false;
  }

  setTimer();
  return {
    endsSoon() {
      pauseMs = SOON_MS;
      setTimer();
    },
    stop: () => cancelTimer(),
  };
}
