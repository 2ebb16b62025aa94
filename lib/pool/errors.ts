/**
 * What a call can be rejected with besides its own error and its caller's abort reason. Few, and each
 * asks something different of the caller: come back later, give more time, report a bug, stop calling.
 *
 * @module
 */

/**
 * The call was refused, or left the queue, without having started: the queue is full, or its turn would
 * not have come in time. The same call may succeed after `retryAfterMs`.
 */
export class OverloadedError extends Error implements Refused {
  /** Identifies the error where `instanceof` can't. */
  override readonly name = "OverloadedError";
  /** Milliseconds until the work now waiting is expected to be done. */
  readonly retryAfterMs: number;
  /** Why it was refused. */
  readonly reason: Refusal;

  /**
   * Makes the error of a call that was refused. This costs 8 µs, as for every error: `refusal()` of the pool makes
   * none.
   */
  constructor(message: string, retryAfterMs: number, reason: Refusal = "queue") {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.reason = reason;
  }
}

/** Why a call is refused, and when to try again. */
export interface Refused {
  /** The reason, for programs. */
  readonly reason: Refusal;
  /** The reason, for people. */
  readonly message: string;
  /** Milliseconds until the work now waiting is expected to be done. */
  readonly retryAfterMs: number;
}

/**
 * Why a call is refused:
 *
 * - `queue`: the queue is full.
 * - `lane`: the queue was full, more than half of it were long calls, and this long call made room for a short one.
 * - `group`: the queue was full, more than half of it were calls of one group, and this one of them made room for
 *   another group's.
 * - `wait`: it would wait for longer than it may, or has done so.
 */
export type Refusal = "queue" | "lane" | "group" | "wait";

/**
 * The call was started and its deadline passed, or it ran for `maxRunMs`. The worker has been told to stop, and what it
 * has computed is lost.
 */
export class DeadlineExceededError extends Error {
  /** Identifies the error where `instanceof` can't. */
  override readonly name = "DeadlineExceededError";
  /** The bound that was passed, in milliseconds: from the call, or from the start of its run. */
  readonly deadlineMs: number;

  /** Makes the error of a call that had `deadlineMs`, counted from its `call` or from the start of its `run`. */
  constructor(deadlineMs: number, from: "call" | "run" = "call") {
    super(
      from === "call"
        ? `Call was not finished within ${deadlineMs} ms`
        : `Call ran for ${deadlineMs} ms, and may not for longer`,
    );
    this.deadlineMs = deadlineMs;
  }
}

/**
 * The worker died while it ran the call, or no worker can be started. `cause` is the worker's last
 * error, if it left one. Whether the call took effect is unknown.
 */
export class WorkerCrashedError extends Error {
  /** Identifies the error where `instanceof` can't. */
  override readonly name = "WorkerCrashedError";
}

/** The call was cancelled by `cancelWaiting()` before it started. The same call may be made again. */
export class CancelledError extends Error {
  /** Tells it from other errors where classes don't. */
  override readonly name = "CancelledError";
}

/** The pool is closing or closed, and the call was not finished. */
export class PoolClosedError extends Error {
  /** Identifies the error where `instanceof` can't. */
  override readonly name = "PoolClosedError";
}

/**
 * Unwinds a call in the worker when nobody waits for it any more. It never reaches the caller, whose promise
 * is rejected already.
 */
export class StoppedError extends Error {
  /** Identifies the error where `instanceof` can't. */
  override readonly name = "StoppedError";
}

/** Throws where no code of the pool is: an uncaught error of whoever runs it. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
