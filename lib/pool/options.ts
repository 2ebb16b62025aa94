import { type Clock, systemClock } from "./clock.ts";
import type { CallOptions, Run } from "./job.ts";
import type { Tracer } from "./tracing.ts";

/** What a pool reports as it happens, for logs. Numbers are in its `stats()`. */
export type PoolEvent =
  /** A worker takes calls. */
  | { readonly type: "ready"; readonly slot: number }
  /** A worker died, or ignored its cancellation for so long that it is replaced. */
  | { readonly type: "crashed"; readonly slot: number; readonly error: Error }
  /** A slot's workers died while loading until its restart budget was spent. It is out of use. */
  | { readonly type: "failed"; readonly slot: number; readonly error: Error }
  /** A terminated thread runs on, and burns a core. */
  | { readonly type: "wedged"; readonly slot: number; readonly error: Error }
  /** Such a thread has ended after all. */
  | { readonly type: "unwedged"; readonly slot: number };

/** Options of {@linkcode WorkerPool}. */
export interface WorkerPoolOptions {
  /**
   * Starts a worker whose module calls `serve()`. Write
   * `() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })` in just this form:
   * bundlers look for it.
   */
  spawn: () => Worker;
  /** How many workers. Default: `navigator.hardwareConcurrency`. */
  size?: number;
  /** How many calls may wait. Default: 1024. */
  maxQueue?: number;
  /**
   * Milliseconds that a cancelled call may keep its worker. Then the worker is terminated and replaced;
   * half of it after a call's deadline, the worker's watchdog cuts the call. Shorter takes workers from
   * calls that were about to stop; longer lets a call that nobody waits for keep a core. Default: 1000.
   */
  cancelGraceMs?: number;
  /** Milliseconds that a worker may take to load. Default: 10000. */
  startTimeoutMs?: number;
  /**
   * How many terminated threads may run on beside their successors. One more, and their slots stay empty
   * and the pool's state is `failing`. Default: `size`.
   */
  maxWedged?: number;
  /** Told what happens to the workers. Default: nobody is. */
  onEvent?: (event: PoolEvent) => void;
  /** Told of each run of a call, when it is over. It has to be quick. Default: nobody is. */
  onRun?: (run: Run) => void;
  /** Traces calls: `openTelemetry` of `tracing.ts`. Default: no traces. */
  tracer?: Tracer;
  /** Default: the real time. */
  clock?: Clock;
}

/** Options of {@linkcode WorkerPool.map}. */
export interface MapOptions extends Omit<CallOptions, "transfer" | "onTiming"> {
  /** How many calls are under way at most. Default: twice the pool's size. */
  concurrency?: number;
}

/** {@linkcode WorkerPoolOptions} with nothing left open. */
export type ResolvedOptions =
  & Required<Omit<WorkerPoolOptions, "tracer" | "onEvent" | "onRun">>
  & Pick<WorkerPoolOptions, "tracer" | "onEvent" | "onRun">;

/** @throws {RangeError} If a number is out of range. */
export function resolveOptions(options: WorkerPoolOptions): ResolvedOptions {
  const size = options.size ?? navigator.hardwareConcurrency;
  const resolved = {
    ...options,
    size,
    maxQueue: options.maxQueue ?? 1024,
    cancelGraceMs: options.cancelGraceMs ?? 1_000,
    startTimeoutMs: options.startTimeoutMs ?? 10_000,
    maxWedged: options.maxWedged ?? size,
    clock: options.clock ?? systemClock,
  };
  requireInteger("size", resolved.size, 1);
  requireInteger("maxQueue", resolved.maxQueue, 0);
  requireInteger("maxWedged", resolved.maxWedged, 0);
  requireMs("cancelGraceMs", resolved.cancelGraceMs);
  requireMs("startTimeoutMs", resolved.startTimeoutMs);
  return resolved;
}

/** @throws {RangeError} If `value` is not an integer, or less than `min`. */
export function requireInteger(name: string, value: number, min: number): void {
  if (!Number.isInteger(value) || value < min) {
    throw new RangeError(`${name} must be an integer of at least ${min}: ${value}`);
  }
}

/** @throws {RangeError} If `value` is not a duration. */
export function requireMs(name: string, value: number | undefined): void {
  if (value !== undefined && !(value >= 0)) {
    throw new RangeError(`${name} must be 0 milliseconds or more: ${value}`);
  }
}
