/**
 * What a method can know of the call that it is in: whether somebody still waits for it, and who listens.
 *
 * @module
 */

import { BLIND_REPORT_MS, LISTENER_LOOK_MS, MOST_UNREAD } from "../policy.ts";
import { type Port, post } from "../sending/endpoint.ts";
import { StoppedError } from "../errors.ts";
import { Cell, type Report, type Reports } from "../sending/protocol.ts";

/** The call that a method is in. */
export interface Current {
  /** Aborted when nobody waits for the call any more: for an async method, and for what it calls. */
  readonly signal: AbortSignal;
  /**
   * Returns at once, unless the call has been cancelled: then it throws, to unwind it. Call it about once a millisecond; it
   * costs one atomic read.
   *
   * @throws {StoppedError} If nobody waits for the call any more. Let it pass.
   */
  checkpoint(): void;
  /**
   * Tells the caller's `onReport` something. By default it hears the latest report whenever it is free for one, so
   * report as often as you like; with `reports: "all"` it hears each, and a worker that is 16 ahead waits for it here.
   *
   * @param value Anything that can be cloned.
   * @throws {DOMException} `DataCloneError`, if it can't be.
   * @throws {StoppedError} If nobody waits for the call any more: a report is a checkpoint.
   */
  report(value: unknown): void;
}

/** Where the calls of one worker are seen from the pool's side. */
export interface Place {
  readonly cells: Int32Array;
  readonly unread: Int32Array;
  readonly port: Port;
}

/** The call that this thread is on, until its method returns for the first time. */
let running: RunningCall | undefined;

/** Outside any call, nothing is aborted and nobody listens: a method can be tested as any other function. */
const NOBODY: Current = {
  get signal() {
    return new AbortController().signal;
  },
  checkpoint() {},
  report() {},
};

/**
 * The call that this worker is on. Take it before the first `await`: after that, another call's might be found here. What
 * was taken stays good for as long as the call runs.
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

/** Runs a function as the current call. */
export function within<T>(call: RunningCall, run: () => T): T {
  running = call;
  try {
    return run();
  } finally {
    running = undefined;
  }
}

/** The watchdog has cut a call: nothing of it has run to its end. */
export function forgetCurrent(): void {
  running = undefined;
}

/** A call in its worker, from its start to its outcome. */
export class RunningCall {
  /** Which word of shared memory is its own. */
  readonly cell: number;
  readonly #place: Place;
  readonly #reports: Reports | undefined;
  #controller: AbortController | undefined;
  #handle: Current | undefined;
  /** The last report, if it has not been told. */
  #untold: { readonly value: unknown } | undefined;
  #toldAt = -Infinity;
  #isOver = false;

  constructor(cell: number, reports: Reports | undefined, place: Place) {
    this.cell = cell;
    this.#reports = reports;
    this.#place = place;
  }

  /** What its method sees of it. Made on demand: most calls don't ask. */
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

  /** See {@linkcode Current.checkpoint}. */
  checkpoint(): void {
    if (this.#isCancelled) throw new StoppedError("Call was cancelled");
  }

  /** The pool has asked for its end. */
  stop(): void {
    const { cells } = this.#place;
    // Without shared memory this is how its checkpoints learn of it.
    if (!isShared(cells)) cells[this.cell] = Cell.CANCELLED;
    if (this.#isCancelled) this.#controller?.abort();
  }

  /** It has its outcome, which is about to be told: what it reported last goes before that. */
  end(): void {
    try {
      if (this.#untold) this.#tell(this.#untold.value);
    } catch {
      // It can't be cloned, and its method is not there any more to be told so.
    }
    this.#isOver = true;
  }

  get #isCancelled(): boolean {
    return !this.#isOver && Atomics.load(this.#place.cells, this.cell) === Cell.CANCELLED;
  }

  get #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isCancelled) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  #report(value: unknown): void {
    this.checkpoint();
    if (this.#isOver || !this.#reports) return;
    if (this.#reports === "all") this.#waitForRoom();
    else if (!this.#isRead()) return void (this.#untold = { value });
    this.#tell(value);
  }

  #waitForRoom(): void {
    const { unread } = this.#place;
    if (!isShared(unread)) return;
    let count: number;
    while ((count = Atomics.load(unread, this.cell)) >= MOST_UNREAD) {
      Atomics.wait(unread, this.cell, count, LISTENER_LOOK_MS);
      this.checkpoint();
    }
  }

  /** Whether the listener is free for a report. */
  #isRead(): boolean {
    const { unread } = this.#place;
    return isShared(unread)
      ? Atomics.load(unread, this.cell) === 0
      : performance.now() - this.#toldAt >= BLIND_REPORT_MS;
  }

  #tell(value: unknown): void {
    const { unread, port } = this.#place;
    this.#untold = undefined;
    post(port, { type: "pool:report", cell: this.cell, value } satisfies Report);
    // Only now: what could not be posted is not waited for. If the pool is quicker and has read it already, the sum is
    // right all the same.
    Atomics.add(unread, this.cell, 1);
    this.#toldAt = performance.now();
  }
}

/** Whether memory is the pool's too. */
export function isShared({ buffer }: Int32Array): boolean {
  return typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;
}
