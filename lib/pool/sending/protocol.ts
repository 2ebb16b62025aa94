/**
 * The messages and the shared memory between the pool and a worker. What either side does with them is elsewhere.
 *
 * ```
 *  pool                                                  worker
 *   │                                                      │  loads, holds a lock (see liveness)
 *   │ ◄─────────────── Ready { life, cells } ───────────── │
 *   │                                                      │
 *   │  cells[i] = SENT, for each call                      │
 *   │ ──────────────── run(calls) by Comlink ────────────► │
 *   │                                                      │  SENT → RUNNING, or it is skipped
 *   │ ◄──────────── Report { cell, value } ─────────────── │  report()
 *   │  RUNNING → CANCELLED, if the call is to stop         │  checkpoint() looks at cells[i]
 *   │ ──────────────── stop(i) by Comlink ───────────────► │  aborts the signal of an async method
 *   │                                                      │  cells[i] = DONE
 *   │ ◄──────────── Early { answers } ──────────────────── │  answers that must not wait for the calls behind
 *   │ ◄──────────── what run() returns: answers ────────── │  all others
 * ```
 *
 * @module
 */

import type { EncodedError } from "../error_codec.ts";
import type { Life } from "../workers/liveness.ts";

/**
 * The states of a cell: one shared word for each call that a worker has been sent, and the only memory
 * that both sides write. Both sides may change SENT, and both may change RUNNING, so they do it by
 * compare-and-exchange: a call that was sent is either withdrawn by the pool or started by the worker,
 * never both.
 */
export const Cell = {
  /** In the worker's mailbox. */
  SENT: 0,
  /** The worker is on it. */
  RUNNING: 1,
  /** The worker is to stop at its next checkpoint. */
  CANCELLED: 2,
  /** The worker has run it. The answer is on its way, or held until the calls behind it have run. */
  DONE: 3,
  /** The pool took it back before it was started: the worker skips it. */
  WITHDRAWN: 4,
} as const;

/** Whether both sides have this memory: it was not copied on the way. */
export function isShared({ buffer }: Int32Array): boolean {
  return typeof SharedArrayBuffer === "function" && buffer instanceof SharedArrayBuffer;
}

/** How many calls a worker can have been sent and not answered. */
export const CELLS = 64;

/**
 * Incremented when the two sides would no longer understand each other. A page that has an old worker in its cache then
 * gets an error, and doesn't hang.
 */
export const VERSION = 2;

/** The worker's first message: from now on it answers. */
export interface Ready {
  readonly type: "pool:ready";
  /** See {@linkcode VERSION}. */
  readonly version: number;
  /** What it holds while its thread exists; `null` where there is nothing to hold. */
  readonly life: Life | null;
  /** Whether the worker has a watchdog. */
  readonly watchdog: boolean;
  /** {@linkcode CELLS} cells. If the platform can't share memory, this is a copy without effect. */
  readonly cells: Int32Array;
  /** For each cell, how many reports of its call the pool has not read. Shared if the cells are. */
  readonly unread: Int32Array;
}

/** One call, as it is sent. */
export interface Call {
  /** Which cell is this call's. */
  readonly cell: number;
  readonly method: string;
  readonly args: readonly unknown[];
  /** How long the watchdog lets it run, in whole milliseconds; 0: no limit. */
  readonly limitMs: number;
  /** Whether running it again does no harm. */
  readonly pure: boolean;
  /** Which of its reports are posted; `undefined`: none. */
  readonly reports: Reports | undefined;
  /** The trace it belongs to, in the propagator's own form. */
  readonly carrier: Record<string, string> | undefined;
}

/** Which reports of a call its listener gets: the latest whenever it is free for one, or all of them. */
export type Reports = "latest" | "all";

/** A value that a call reports while it runs. */
export interface Report {
  readonly type: "pool:report";
  readonly cell: number;
  readonly value: unknown;
}

/**
 * How the call of a cell ended: with a `value` or an `error`; `stopped` at a checkpoint or by the watchdog; `skipped`,
 * as it was withdrawn before it started; `unsent`, as it could not be posted (the pool's own side says so).
 */
export type Answer =
  & { readonly cell: number; readonly runMs: number }
  & (
    | { readonly kind: "value"; readonly value: unknown }
    | { readonly kind: "error" | "unsent"; readonly value: EncodedError }
    | { readonly kind: "stopped" | "skipped"; readonly value?: undefined }
  );

/**
 * Calls or answers in one flat list. Cloning that takes half the time (calls) or a quarter (answers) of a list of
 * objects, and cloning is most of what a short call costs.
 */
export type Packed<_T extends Call | Answer> = readonly unknown[];

export function packCalls(calls: readonly Call[]): Packed<Call> {
  const packed: unknown[] = [];
  for (const { cell, method, args, limitMs, pure, reports, carrier } of calls) {
    packed.push(cell, method, limitMs, pure, reports, carrier, args.length);
    for (const arg of args) packed.push(arg);
  }
  return packed;
}

/** Undoes {@linkcode packCalls}. @param traced Whether traces are continued; else a call is like any other. */
export function unpackCalls(packed: Packed<Call>, traced = true): Call[] {
  const calls: Call[] = [];
  for (let i = 0; i < packed.length;) {
    const [cell, method, limitMs, pure, reports, sentCarrier, length] = packed.slice(i, i += 7);
    const args = packed.slice(i, i += length as number);
    const carrier = traced ? sentCarrier : undefined;
    calls.push({ cell, method, args, limitMs, pure, reports, carrier } as Call);
  }
  return calls;
}

export function packAnswers(answers: readonly Answer[]): Packed<Answer> {
  const packed: unknown[] = [];
  for (const { cell, kind, runMs, value } of answers) packed.push(cell, kind, runMs, value);
  return packed;
}

export function unpackAnswers(packed: Packed<Answer>): Answer[] {
  const answers: Answer[] = [];
  for (let i = 0; i < packed.length; i += 4) {
    answers.push(
      {
        cell: packed[i],
        kind: packed[i + 1],
        runMs: packed[i + 2],
        value: packed[i + 3],
      } as Answer,
    );
  }
  return answers;
}

/**
 * Answers that don't wait for the calls behind them. One message for many answers makes short calls cheap. But the
 * next call may take long, or kill the worker. Held answers are lost then, so only those of pure calls are held:
 * these can run again.
 */
export interface Early {
  readonly type: "pool:early";
  readonly answers: Packed<Answer>;
}

/** What the worker exposes through Comlink. */
export interface Runner {
  /**
   * Runs calls, one after the other.
   *
   * @returns How those ended that have not been answered early.
   */
  run(calls: Packed<Call>): Packed<Answer> | Promise<Packed<Answer>>;
  /**
   * Aborts the signal of the call in a cell, if that has been cancelled. It is read before whatever is sent after it.
   */
  stop(cell: number): void;
  /** Runs a method before any call. @returns What it threw, if it did. */
  setUp(method: string, args: readonly unknown[]): Promise<Unsendable | undefined>;
  /** Does nothing: it is answered as soon as the thread is free, whatever call waits for something there. */
  ping(): void;
}

/** What the methods of {@linkcode Runner} resolve to on the pool's side when their arguments could not be sent. */
export interface Unsendable {
  readonly error: EncodedError;
}
