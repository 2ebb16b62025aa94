/**
 * What crosses between the pool and its workers, apart from what either does with it.
 *
 * ```
 *  pool                                                  worker
 *   │                                                      │  loads, takes its Web Lock
 *   │ ◄─────────────── Ready { lock, cells } ───────────── │
 *   │                                                      │
 *   │  cells[i] = SENT, for each call                      │
 *   │ ──────────────── run(calls) by Comlink ────────────► │
 *   │                                                      │  SENT → RUNNING, or it is skipped
 *   │  RUNNING → CANCELLED, if the call is to stop         │  checkpoint() looks at cells[i]
 *   │                                                      │  cells[i] = DONE
 *   │ ◄──────────── Early { answers } ──────────────────── │  for what must not wait
 *   │ ◄──────────── what run() returns: answers ────────── │  for the rest
 * ```
 *
 * @module
 */

import type { EncodedError } from "./error_codec.ts";

/**
 * The states of a cell: one shared word for each call that a worker has been sent, and the only memory
 * that both sides write. To leave SENT or RUNNING for what the other side may leave it for as well takes a
 * compare-and-exchange, so a call that was sent is either withdrawn by the pool or started by the worker,
 * never both.
 */
export const Cell = {
  /** In the worker's mailbox. */
  SENT: 0,
  /** The worker is on it. */
  RUNNING: 1,
  /** The worker is to stop at its next checkpoint. */
  CANCELLED: 2,
  /** The worker is through with it; the outcome is on its way, or held until the calls behind it are done. */
  DONE: 3,
  /** The pool took it back before it was started: the worker skips it. */
  WITHDRAWN: 4,
} as const;

/** How many calls a worker can have been sent and not answered. */
export const CELLS = 64;

/** The worker's first message: from now on it answers. */
export interface Ready {
  readonly type: "pool:ready";
  /** The Web Lock it holds while it lives; `null` where there are no locks. */
  readonly lock: string | null;
  /** {@linkcode CELLS} cells, shared if the platform shares memory, and a useless copy if not. */
  readonly cells: Int32Array;
}

/** How a call ended in the worker. */
export type Outcome =
  | { readonly kind: "value"; readonly value: unknown; readonly runMs: number }
  | { readonly kind: "error"; readonly error: EncodedError; readonly runMs: number }
  /** It stopped at a checkpoint, or the watchdog cut it. */
  | { readonly kind: "stopped"; readonly runMs: number }
  /** It was withdrawn before it started. */
  | { readonly kind: "skipped" };

/** One call, as it is sent. */
export type Call = readonly [
  /** Which cell is this call's. */
  cell: number,
  method: string,
  args: readonly unknown[],
  /** How long the watchdog lets it run; 0: no limit. */
  limitMs: number,
  /** Running it again would do no harm. */
  pure: boolean,
  /** The trace it belongs to, in the propagator's own form. */
  carrier?: Record<string, string>,
];

/** How the call of a cell ended. */
export type Answer = readonly [cell: number, outcome: Outcome];

/**
 * Answers that don't wait for the calls sent behind them. One message for many answers is what makes short
 * calls cheap; but the next call may take long, or kill its worker. Then only the answer to a pure call can
 * be spared: it is run again.
 */
export interface Early {
  readonly type: "pool:early";
  readonly answers: readonly Answer[];
}

/** What the worker exposes through Comlink. */
export interface Runner {
  /**
   * Runs calls, one after the other.
   *
   * @returns How those ended that have not been answered early.
   */
  run(calls: readonly Call[]): readonly Answer[] | Promise<readonly Answer[]>;
}

/** What {@linkcode Runner.run} resolves to on the pool's side when the calls could not be sent. */
export interface Unsendable {
  readonly error: EncodedError;
}
