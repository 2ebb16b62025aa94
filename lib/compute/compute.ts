/**
 * The one seam of the service: whatever can answer is a {@linkcode Compute}, so that answering on this
 * thread, in the worker pool or from a cache are interchangeable, and features compose by wrapping.
 *
 * @module
 */

import type { AlgorithmName } from "../fibonacci/mod.ts";
import type { Coding } from "../hono/negotiation.ts";
import type { Refused } from "./errors.ts";

export type { Coding } from "../hono/negotiation.ts";

/** What is asked: the n-th Fibonacci number, F(0) = 0 and F(1) = 1, by one algorithm. */
export interface FibonacciJob {
  /** Index of the number: an integer, 0 or greater. */
  readonly n: number;
  /** How it is to be computed. The digits are the same whatever the algorithm. */
  readonly algorithm: AlgorithmName;
  /** What to make of the digits where they are computed. Default: nothing. Whoever can't leaves them alone. */
  readonly encoding?: Encoding;
}

/** A compressed form of an answer. */
export interface Encoding {
  /** How it is compressed. */
  readonly coding: Coding;
  /** What goes before the digits. */
  readonly before: string;
  /** What goes behind them. */
  readonly after: string;
}

/**
 * Decimal digits: short ones as text, which threads and responses take for less; long ones as ASCII bytes,
 * which can be moved and not copied. Either has a `length`. Shared with other callers: never write to it.
 */
export type Digits = string | Uint8Array<ArrayBuffer>;

/** What is answered, and where its time went. */
export interface FibonacciResult {
  /** The decimal digits of F(n), or their compressed form. */
  readonly digits: Digits;
  /** How they are compressed, if they are. */
  readonly coding?: Coding;
  /**
   * How the cache took part: `hit` was there, `shared` joined a call already under way, `miss` was
   * computed for this call, `bypass` too because its caller wanted that, `off` means that there is no cache.
   */
  readonly cache: "hit" | "shared" | "miss" | "bypass" | "off";
  /** Milliseconds the call waited for a worker; 0 for a hit. */
  readonly queueMs: number;
  /** Milliseconds the function itself ran; 0 for a hit. */
  readonly computeMs: number;
  /** Milliseconds on the way to the worker and back, where one answered. */
  readonly transferMs?: number;
  /** Which worker answered, from 0, if one did. */
  readonly worker?: number;
}

/** How a caller bounds its call. */
export interface ComputeOptions {
  /** Rejects the call with the signal's reason, and stops the work unless others wait for it. */
  readonly signal?: AbortSignal;
  /** Milliseconds from now in which the call is answered or rejected. Default: no bound. */
  readonly deadlineMs?: number;
  /** Whose call it is: while others wait, nobody gets more turns than they do. Default: nobody's in particular. */
  readonly group?: unknown;
  /** Computes it anew, whatever is remembered or under way. Default: false. */
  readonly fresh?: boolean;
}

/**
 * Answers a job. Settles exactly once:
 *
 * - with a {@linkcode FibonacciResult},
 * - with the reason of `options.signal`,
 * - with `InfeasibleError` at once, if the estimate alone is longer than the deadline,
 * - with `OverloadedError`, if the work could not be started in time,
 * - with `DeadlineExceededError`, if it was started and not finished in time,
 * - with `WorkerCrashedError` or `PoolClosedError`, where there are workers,
 * - or with the error of the function itself (a `RangeError` or `TypeError` for a job that makes no sense).
 */
export interface Compute {
  (job: FibonacciJob, options?: ComputeOptions): Promise<FibonacciResult>;
  /**
   * Finds an answer that is there already: what the call would resolve to, without the 3 µs that its promises
   * cost. Not there itself where nothing is kept.
   */
  readonly find?: (job: FibonacciJob) => FibonacciResult | undefined;
  /**
   * Tells whether a call would be refused for want of room, without the errors and promises of one that is: when there
   * are many to refuse, there is least time for it. Not there itself where nothing is refused.
   */
  readonly refusal?: (job: FibonacciJob, options?: ComputeOptions) => Refused | undefined;
}
