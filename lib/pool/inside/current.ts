/**
 * What a method can ask about its call: whether somebody still waits for it. And what it can report.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { BLIND_REPORT_MS, LISTENER_LOOK_MS, MOST_UNREAD } from "../policy.ts";
import { type Port, post } from "../sending/endpoint.ts";
import { StoppedError } from "../errors.ts";
import { Cell, isShared, type Report, type Reports } from "../sending/protocol.ts";

/** The call that a method is in. */
export interface Current {
  /** Aborted when nobody waits for the call any more: for an async method, and for what it calls. */
  readonly signal: AbortSignal;
  /**
   * Returns at once, unless the call has been cancelled: then it throws, to unwind it. Call it about once a
   * millisecond; it costs one atomic read.
   *
   * @throws {StoppedError} If nobody waits for the call any more. Don't catch it.
   */
  checkpoint(): void;
  /**
   * Passes a value to the caller's `onReport`. By default that gets the latest report whenever it is free for one, so
   * report as often as you like: a report that has to wait is sent at the next one or at the next checkpoint. With
   * `reports: "all"` it gets each, and this waits while 16 are unread.
   *
   * @param value Anything that can be cloned. Don't change it afterwards: it may not have been sent yet.
   * @throws {DOMException} `DataCloneError`, if it can't be cloned.
   * @throws {StoppedError} If nobody waits for the call any more, and it has not come to its first `await`: a report is a
   * checkpoint there. Later, reports of a cancelled call are dropped.
   */
  report(value: unknown): void;
}

/** What a worker shares with its pool: memory, a port, and the time. */
export interface PoolLink {
  readonly cells: Int32Array;
  readonly unread: Int32Array;
  readonly port: Port;
  readonly clock: Pick<Clock, "now">;
}

/** The call whose method has this thread. An async method loses it at its first `await`. */
let running: RunningCall | undefined;

/**
 * What `current()` returns outside any call. Nothing is aborted, reports are dropped: so methods can be unit-tested.
 */
const NOBODY: Current = {
  get signal() {
    return new AbortController().signal;
  },
  checkpoint() {},
  report() {},
};

/**
 * Returns the running call. Ask before the first `await`: after it, another call may be the current one. What was
 * returned stays valid for as long as its call runs.
 *
 * ```ts ignore
 * async download(url: string) {
 *   const { signal, report } = current();
 *   const response = await fetch(url, { signal });
 *   report({ status: response.status });
 *   return await response.bytes();
 * }
 * ```
 */
export function current(): Current {
  return running?.handle ?? NOBODY;
}

/** {@linkcode Current.checkpoint} of the current call; outside a call it does nothing. */
export function checkpoint(): void {
  running?.checkpoint();
}

export function within<T>(call: RunningCall, run: () => T): T {
  running = call;
  try {
    return run();
  } finally {
    running = undefined;
  }
}

/** Resets the current call after the watchdog has cut it, and so its `finally` with it. */
export function forgetCurrent(): void {
  running = undefined;
}

/** One call in its worker, from its start to its outcome. After that it neither reads nor writes the cell. */
export class RunningCall {
  readonly cell: number;
  readonly #link: PoolLink;
  readonly #reports: Reports | undefined;
  #controller: AbortController | undefined;
  #handle: Current | undefined;
  /** The last report, if it is not posted. */
  #unsent: { readonly value: unknown } | undefined;
  #postedAt = -Infinity;
  #isOver = false;

  constructor(cell: number, reports: Reports | undefined, link: PoolLink) {
    this.cell = cell;
    this.#reports = reports;
    this.#link = link;
  }

  /** What `current()` returns for it. Made on demand: most methods don't ask. */
  get handle(): Current {
    const signal = () => this.#signal;
    return this.#handle ??= {
      get signal() {
        return signal();
      },
      checkpoint: () => this.checkpoint(),
      report: (value) => this.#report(value),
    };
  }

  checkpoint(): void {
    if (this.#isCancelled) throw new StoppedError("Call was cancelled");
    // The listener may have become free since the last report.
    if (this.#unsent && this.#isRead()) this.#post(this.#unsent.value);
  }

  /** The pool has asked the call to stop. */
  stop(): void {
    const { cells } = this.#link;
    // Without shared memory this is how its checkpoints learn of it.
    if (!isShared(cells)) cells[this.cell] = Cell.CANCELLED;
    if (this.#isCancelled) this.#controller?.abort();
  }

  /** The call has its outcome. The last report is posted before that. */
  end(): void {
    try {
      if (this.#unsent) this.#post(this.#unsent.value);
    } catch {
      // The report can't be cloned, and the method that could get the error has returned.
    }
    this.#isOver = true;
  }

  get #isCancelled(): boolean {
    return !this.#isOver && Atomics.load(this.#link.cells, this.cell) === Cell.CANCELLED;
  }

  get #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isCancelled) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  #report(value: unknown): void {
    // Thrown in a timer, or in a promise that nobody awaits, it would end the worker.
    if (running === this) this.checkpoint();
    if (this.#isOver || !this.#reports || this.#isCancelled) return;
    if (this.#reports === "all") this.#waitForRoom();
    else if (!this.#isRead()) return void (this.#unsent = { value });
    this.#post(value);
  }

  #waitForRoom(): void {
    const { unread } = this.#link;
    if (!isShared(unread)) return;
    let count: number;
    while ((count = Atomics.load(unread, this.cell)) >= MOST_UNREAD) {
      Atomics.wait(unread, this.cell, count, LISTENER_LOOK_MS);
      this.checkpoint();
    }
  }

  /** Whether the listener is free for a report. */
  #isRead(): boolean {
    const { unread } = this.#link;
    return isShared(unread)
      ? Atomics.load(unread, this.cell) === 0
      : this.#link.clock.now() - this.#postedAt >= BLIND_REPORT_MS;
  }

  #post(value: unknown): void {
    const { unread, port } = this.#link;
    this.#unsent = undefined;
    post(port, { type: "pool:report", cell: this.cell, value } satisfies Report);
    // Added after posting: a report that can't be posted must not count. If the pool has read it already and subtracted
    // one, the sum is right all the same.
    Atomics.add(unread, this.cell, 1);
    this.#postedAt = this.#link.clock.now();
  }
}
