/**
 * The seam: whatever runs an API's methods is a {@linkcode Backend}. The pool is one, `inline.ts` has one on this
 * thread, and `cached.ts` wraps another. What is built on a backend works with all of them.
 *
 * @module
 */

import type { Refused } from "./errors.ts";
import type { CallOptions } from "./job.ts";
import type { ArgsOf, Methods, ResultOf } from "./methods.ts";
import type { PoolObserver } from "./options.ts";
import type { CloseReport } from "./shutdown.ts";
import type { PoolStats } from "./stats.ts";

/** Where the time of a call went, and who answered it. */
export interface Timing {
  /** Milliseconds from the call to its start; 0 for a remembered answer. */
  readonly waitMs: number;
  /** Milliseconds that the method ran, measured where it ran; 0 for a remembered answer. */
  readonly runMs: number;
  /** Milliseconds on the way to the worker and back: what the other two leave of a call's time. */
  readonly transferMs: number;
  /** The pool's slot that ran it, from 0. There is none where no worker did. */
  readonly slot?: number;
  /** The machine or process that ran it, where there are several. */
  readonly instance?: string;
  /** What a cache did. There is none where no cache is asked. */
  readonly cache?: CacheUse;
}

/**
 * What a cache did for a call: `hit`, the answer was remembered; `shared`, the call joined one under way; `miss`, it
 * was computed; `bypass`, it was computed because its caller asked for a fresh answer.
 */
export type CacheUse = "hit" | "shared" | "miss" | "bypass";

/** Options of a backend's `call`: those of the pool, and what wrappers need. */
export interface BackendCallOptions extends Omit<CallOptions, "onTiming"> {
  /** Called with where the time went, just before the call resolves. Not called if it is rejected. */
  onTiming?: (timing: Timing) => void;
  /** Whether to compute the answer anew, whatever a cache remembers. Default: false. */
  fresh?: boolean;
}

/** The cache of finished answers, counted since it was made. */
export interface CacheStats {
  /** Answers held. */
  readonly entries: number;
  /** What they weigh, in bytes. */
  readonly bytes: number;
  /** What they may weigh, in bytes. */
  readonly maxBytes: number;
  /** Calls answered from the cache. */
  readonly hits: number;
  /** Calls that were computed. */
  readonly misses: number;
  /** Calls that joined one already under way. */
  readonly shared: number;
  /** Calls that were computed because their callers wanted no remembered answer. */
  readonly bypassed: number;
}

/** Statistics of a backend: the pool's, if there is a pool, and the cache's, if there is a cache. */
export interface BackendStats extends Partial<PoolStats> {
  /** The answers held. */
  readonly cache?: CacheStats;
}

/** What a supervisor wants to know. */
export interface Health {
  /** Whether a call made now is taken, and does not have to wait for a worker to start. */
  readonly ready: boolean;
  /** Whether it works or can heal by itself. If not, only a restart helps. */
  readonly healthy: boolean;
  /** What is wrong, if anything is. For logs: it may name files. */
  readonly reason?: string;
}

/** A remembered answer. */
export interface Found<Value> {
  /** What the call would resolve to. It is shared: never change it. */
  readonly value: Value;
}

/**
 * Runs the methods of an API.
 *
 * @typeParam Api Methods by name.
 */
export interface Backend<Api extends Methods<Api>> {
  /** Always undefined. TypeScript infers `Api` from it. */
  readonly api?: Api;
  /** Whether calls wait, or none may wait: then the next call may be refused. Reading it costs next to nothing. */
  readonly isBusy: boolean;
  /**
   * Runs a method. Settles exactly once:
   *
   * - with the method's result or own error,
   * - with the reason of `options.signal`,
   * - with `OverloadedError`, if it could not be started in time,
   * - with `DeadlineExceededError`, if it was started and not finished in time,
   * - with `WorkerCrashedError`, where there are workers,
   * - with `PoolClosedError`, if the backend is closed,
   * - with `TypeError` or `RangeError`, if arguments or options make no sense.
   *
   * A rejection leaves the backend usable.
   */
  call<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: BackendCallOptions,
  ): Promise<ResultOf<Api[Name], Args>>;
  /**
   * Finds a remembered answer without the promises that a call costs, and counts it as a hit. A backend that remembers
   * nothing does not have this method.
   */
  find?<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    method: Name,
    args: ArgsOf<Api[Name], Args>,
  ): Found<ResultOf<Api[Name], Args>> | undefined;
  /**
   * Returns whether a call would join one that is under way. Such a call needs no room of its own. A backend where no
   * call joins another does not have this method.
   */
  joins?<Name extends keyof Api & string>(method: Name, args: ArgsOf<Api[Name]>): boolean;
  /**
   * Returns whether a call made now would be refused. It makes no call and no error. A refusal counts as a refused
   * call in `stats()`. A backend that refuses nothing does not have this method.
   *
   * @param options As for `call`. They are not checked.
   * @returns Why it would be refused; `undefined` if it would be taken.
   */
  refusal?<Name extends keyof Api & string>(
    method: Name,
    args: ArgsOf<Api[Name]>,
    options?: BackendCallOptions,
  ): Refused | undefined;
  /**
   * Tells an observer what workers do, from now on. It is told for as long as the backend is there. A backend without
   * workers does not have this method.
   */
  observe?(observer: PoolObserver): void;
  /** Takes a snapshot. */
  stats(): BackendStats;
  /** Returns whether it takes calls. */
  health(): Health;
  /**
   * Closes it for good: from now on calls are rejected. Closing it again changes nothing.
   *
   * @param options `graceMs`: milliseconds for the calls under way to finish.
   * @returns What was left. Does not reject.
   */
  close(options?: { graceMs?: number }): Promise<CloseReport>;
}
