/**
 * What {@linkcode WorkerPool.stats} returns: plain data that later events don't change. It can be cloned if the
 * callers' tags can.
 *
 * @module
 */

import type { Health } from "./backend.ts";
import type { Refusal } from "./errors.ts";
import type { HistogramSnapshot } from "./histogram.ts";

/**
 * What a slot is doing.
 *
 * - `starting`: its worker is loading, or waits to be started; it takes no call yet.
 * - `idle`, `busy`: it waits for a call, or runs one.
 * - `cancelling`: its call was aborted or ran out of time, and the worker has not noticed yet.
 * - `restarting`: its worker died; the next one starts after a pause.
 * - `wedged`: its terminated thread runs on, and there are too many such threads to start another worker.
 * - `failed`: none of its workers was ever ready, and so many died while loading that no other is tried.
 * - `closed`: the pool is closed.
 */
export type SlotState =
  | "starting"
  | "idle"
  | "busy"
  | "cancelling"
  | "restarting"
  | "wedged"
  | "failed"
  | "closed";

/** One slot of the pool's fixed array. */
export interface SlotStats {
  /** Its place in the array, from 0. */
  readonly slot: number;
  /** What it is doing. */
  readonly state: SlotState;
  /** The call it runs now, if any. */
  readonly job: {
    /** Counts the pool's calls, from 1. */
    readonly id: number;
    readonly method: string;
    /** What its caller gave as `tag`: the same value, not a copy. */
    readonly tag: unknown;
    /** Milliseconds it has been running. */
    readonly runningMs: number;
  } | null;
  /** Calls handed to its worker that have not come back, the running one included. */
  readonly inFlight: number;
  /** Calls that were answered from here with a value. Those of all slots add up to `totals.done`. */
  readonly done: number;
  /** Calls of this slot that were rejected with their function's own error: a part of `totals.failed`. */
  readonly failed: number;
  /** Workers started after the first. */
  readonly restarts: number;
}

/** What {@linkcode WorkerPool.health} returns: whether to restart the process, and whether to send it calls. */
export interface PoolHealth extends Health {
  /** `failing`: wedged threads are past their limit, or no slot can run calls any more. */
  readonly state: "open" | "failing" | "closing" | "closed";
  /** Why workers can't be loaded now, and calls wait; `null` if the latest one could. */
  readonly loadFailure: string | null;
  /** Slots that run calls, now or as soon as their workers are there. */
  readonly usable: number;
  /** Of those, slots whose workers take calls now: they are `idle`, `busy` or `cancelling`. */
  readonly serving: number;
}

/** The pool at one moment. */
export interface PoolStats extends Pick<PoolHealth, "state" | "loadFailure"> {
  /** How many slots there are. */
  readonly size: number;
  /** Each slot, in its place. */
  readonly slots: readonly SlotStats[];
  /** The calls that wait. */
  readonly queue: {
    readonly length: number;
    /** How many of them are expected to be long, and wait apart. */
    readonly long: number;
    /** How many may wait. */
    readonly max: number;
    /** Milliseconds that a short call made now would wait, by the estimates of the calls ahead of it. */
    readonly predictedWaitMs: number;
  };
  /** Counted since the pool was made. Each call ends up in exactly one of the counts from `done` to `closed`. */
  readonly totals: {
    readonly calls: number;
    /** Answered with a value. */
    readonly done: number;
    /** Rejected with the function's own error, or because arguments or result can't be cloned. */
    readonly failed: number;
    /** Rejected with their caller's abort reason. */
    readonly aborted: number;
    /** Rejected because the deadline passed while they ran, or aborted with a {@linkcode DeadlineExceededError}. */
    readonly expired: number;
    /** Refused, or dropped from the queue when their time had passed. */
    readonly refused: number;
    /** Lost with their worker. */
    readonly crashed: number;
    /** Rejected because the pool was closed. */
    readonly closed: number;
    /** Workers started after the first of their slot. */
    readonly restarts: number;
    /** Terminated threads that still run. Goes down when one ends after all. */
    readonly wedged: number;
  };
  /** `totals.refused`, by reason. */
  readonly refusals: Readonly<Record<Refusal, number>>;
  /** Milliseconds from call to start. */
  readonly waitMs: HistogramSnapshot;
  /** Milliseconds the function ran, measured in the worker. */
  readonly runMs: HistogramSnapshot;
  /** Milliseconds on the way to the worker and back: what `wait` and `run` leave of a call's time. */
  readonly transferMs: HistogramSnapshot;
}
