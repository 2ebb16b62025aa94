/**
 * Life and death by roll call, where threads share memory and there are no locks.
 *
 * A worker leaves waiters at a word of shared memory (`Atomics.waitAsync`). They are in a list of the process, not of
 * its thread: `Atomics.notify` takes one off the list and says so at once, whatever the thread is busy with. When the
 * thread is gone its waiters are, too, and none is left to take.
 *
 * ```
 *  pool, once a second                    the list                     worker
 *   │                                      w w w w ◄──────────────────── │  leaves waiters, then counts them
 *   │  notify ── takes one: it lives ────► w w w                         │
 *   │                                      w w w w ◄──────────────────── │  leaves another, when it is free
 *   │  notify ── there is none: it is dead                               ┴
 * ```
 *
 * So a missing answer is proof: a busy thread's waiters are there, and neither a late timer nor an unread message
 * has a say. Only who has none left can't be told from a dead one, so the worker counts those it has left, and the
 * pool those it has taken. The worker counts a waiter after it has left it, and nobody but the pool takes any, so a
 * count above zero means that there is a waiter, if there is a thread. If the thread ends between the two, the count
 * is one too low, which matters only if all others have been taken: without a waiter there is no verdict.
 *
 * The limit: a thread that doesn't return to its event loop leaves no new ones. For the first 48 s of that its death
 * is noticed within a second; after that, within as long again as it has taken; after a day and a half, not at all.
 *
 * @module
 */

import type { Clock } from "../clock.ts";

/**
 * How often the roll is called, in milliseconds. Oftener would notice a death sooner; more rarely would cost less: 0.1
 * ms of processor time for each call, so a thousandth of a core for ten workers.
 */
const EVERY_MS = 1_000;

/** The first pause of a worker that is about to end; they double. Shorter would use up its waiters. */
const SOON_MS = 4;

/** How many waiters a worker has. More would do for longer; each takes a microsecond at the start, and some memory. */
const WAITERS = 64;

/** With so many left the worker is asked for more. It may be idle, and not look for what has been taken. */
const FEW = 32;

/** With so many left the pause until the next is taken doubles each time. */
const LAST = 16;

const Word = {
  /** What is waited at. It never changes. */
  POST: 0,
  /** How many waiters are there. */
  COUNT: 1,
} as const;

/** Whether threads can be told alive by this. */
export function canCallRoll(): boolean {
  return typeof SharedArrayBuffer === "function" && typeof Atomics.waitAsync === "function";
}

/**
 * Answers roll calls from now on, for as long as this thread exists.
 *
 * @param signal Ends it, as if the thread had ended.
 * @returns What the roll is called by.
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

/** What a {@linkcode RollCall} is made with. */
export interface RollCallOptions {
  readonly clock: Clock;
  /** Wakes the thread up. @param free Told when it has been free. */
  readonly wake: (free: () => void) => void;
  /** Called once, when the thread is gone. */
  readonly died: () => void;
}

/** Calls one worker's roll until it is dead, or told to stop. */
export class RollCall {
  readonly #words: Int32Array;
  readonly #options: RollCallOptions;
  /** The pause until the next call, at most. */
  #pauseMs = EVERY_MS;
  /** When one of the last waiters may be taken. */
  #spareUntil = -Infinity;
  #isWaking = false;
  #cancelTimer: () => void = () => {};

  constructor(words: Int32Array, options: RollCallOptions) {
    this.#words = words;
    this.#options = options;
    this.#setTimer();
  }

  /** Calls more often for a while. */
  endsSoon(): void {
    this.#pauseMs = SOON_MS;
    this.#setTimer();
  }

  /** Calls no more. */
  stop(): void {
    this.#cancelTimer();
  }

  #setTimer(): void {
    const { clock } = this.#options;
    // The rolls of all workers are called together: this thread wakes up once, not once for each.
    const nextMs = Math.ceil(EVERY_MS - clock.now() % EVERY_MS);
    this.#cancelTimer();
    this.#cancelTimer = clock.after(Math.min(this.#pauseMs, nextMs), () => {
      this.#pauseMs = Math.min(2 * this.#pauseMs, EVERY_MS);
      if (this.#isDead()) return this.#options.died();
      this.#setTimer();
    });
  }

  #isDead(): boolean {
    const { clock, wake } = this.#options;
    const count = Atomics.load(this.#words, Word.COUNT);
    if (count <= FEW && !this.#isWaking) {
      this.#isWaking = true;
      wake(() => this.#isWaking = false);
    }
    if (count === 0 || count <= LAST && clock.now() < this.#spareUntil) return false;
    if (Atomics.notify(this.#words, Word.POST, 1) === 0) return true;
    Atomics.sub(this.#words, Word.COUNT, 1);
    this.#spareUntil = clock.now() + EVERY_MS * 2 ** Math.max(0, LAST - count + 1);
    return false;
  }
}
