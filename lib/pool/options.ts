import { requireIfGiven, requireInteger, requireMs, requireThat } from "./checks.ts";
import { type Clock, patient, systemClock } from "./clock.ts";
import type { CallOptions, CheckedOptions, Run } from "./job.ts";
import type { ArgsOf } from "./methods.ts";
import { SIZE_UNTOLD } from "./policy.ts";
import type { PoolWorker } from "./sending/endpoint.ts";
import type { Call } from "./sending/protocol.ts";
import type { Tracer } from "./trace.ts";

/** What happens to workers, for logs. Numbers are in `stats()`. */
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

/** Listens to what a pool does. Both methods are optional. */
export interface PoolObserver {
  /** Called when something happens to a worker. */
  onEvent?: ((event: PoolEvent) => void) | undefined;
  /**
   * Called after each run of a call, at once. It has to be quick. It may call the pool: make calls, cancel them, close
   * it.
   */
  onRun?: ((run: Run) => void) | undefined;
}

/**
 * Options of {@linkcode WorkerPool}: of the pool, and its first observer.
 *
 * @typeParam Api What the workers serve; only `setup` is about that.
 */
// deno-lint-ignore no-explicit-any -- options of any pool
export interface WorkerPoolOptions<Api = any> extends PoolObserver {
  /**
   * Starts a worker whose module calls `serve()`. Write
   * `() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })` in just this form:
   * bundlers look for it. On Node, return `nodeWorker()` of `node.ts`.
   */
  spawn: () => PoolWorker;
  /**
   * A call that each worker makes before it takes any other, and each of its successors: opens a database, builds an
   * index. A worker whose setup fails could not be started; `stats().loadFailure` says why. Default: none.
   */
  setup?: SetupOf<Api>;
  /** How many workers. Default: `navigator.hardwareConcurrency`. */
  size?: number;
  /**
   * How many calls may wait. In a full queue a short call replaces a long one, if more than half are long; and a call
   * replaces one of another group, if that group has more than half. The replaced one is refused. Default: 1024.
   */
  maxQueue?: number;
  /**
   * Milliseconds that a cancelled call may keep its worker. Then the worker is terminated and replaced. A watchdog,
   * if the worker has one, cuts the call earlier: half of this time after its deadline. Shorter replaces workers
   * whose call was about to stop; longer lets a call that nobody waits for keep a core. Default: 1000.
   */
  cancelGraceMs?: number;
  /** Milliseconds that a worker may take to load and to set itself up. Default: 10000. */
  startTimeoutMs?: number;
  /**
   * How many terminated threads may run on beside their successors. One more, and their slots stay empty
   * and the pool's state is `failing`. Default: `size`.
   */
  maxWedged?: number;
  /** Traces calls: `openTelemetry` of `otel.ts`. Default: no traces. */
  tracer?: Tracer;
  /** Default: the real time. */
  clock?: Clock;
}

/** Options of {@linkcode WorkerPool.map}. */
export interface MapOptions
  extends Omit<CallOptions, "transfer" | "onTiming" | "onReport" | "reports"> {
  /** How many calls are under way at most. Default: twice the pool's size. */
  concurrency?: number;
}

/** Options of {@linkcode WorkerPool.room}. */
export interface RoomOptions<Api> extends Pick<CallOptions, "signal" | "estimateMs" | "group"> {
  /** The method that will be called. */
  method?: keyof Api & string;
}

/** One call of a pool's methods. */
export type SetupOf<Api> = {
  [Name in keyof Api & string]: {
    /** Which method. */
    readonly method: Name;
    /** Its arguments; they are cloned for each worker. */
    readonly args: ArgsOf<Api[Name]>;
  };
}[keyof Api & string];

/** {@linkcode WorkerPoolOptions} with all defaults filled in. */
export type ResolvedOptions =
  & Required<Omit<WorkerPoolOptions, "tracer" | "onEvent" | "onRun" | "setup">>
  & Pick<WorkerPoolOptions, "tracer">
  & {
    /** Who is told of runs and of what happens to workers. More may come. */
    readonly observers: PoolObserver[];
    /** What each worker runs before it takes calls, if anything. */
    readonly setup: Pick<Call, "method" | "args"> | undefined;
    /** The clock as it was given, whose timers don't wait for messages. For decisions that no message can change. */
    readonly promptClock: Clock;
  };

/** How many workers a pool has by default: one for each core, as far as the platform tells. */
export function defaultSize(): number {
  return globalThis.navigator?.hardwareConcurrency || SIZE_UNTOLD;
}

/**
 * @throws {RangeError} If a number is out of range.
 * @throws {TypeError} If an option is no number where it must be one.
 */
export function resolveOptions<Api>(options: WorkerPoolOptions<Api>): ResolvedOptions {
  const { size = defaultSize(), clock = systemClock, onEvent, onRun } = options;
  const setup = options.setup as ResolvedOptions["setup"];
  const resolved = {
    maxQueue: 1024,
    cancelGraceMs: 1_000,
    startTimeoutMs: 10_000,
    maxWedged: size,
    ...defined(options),
    size,
    setup: setup && { method: setup.method, args: readArgs(setup.args) },
    clock: patient(clock),
    promptClock: clock,
    observers: onEvent || onRun ? [{ onEvent, onRun }] : [],
  };
  requireInteger("size", resolved.size, 1);
  requireInteger("maxQueue", resolved.maxQueue, 0);
  requireInteger("maxWedged", resolved.maxWedged, 0);
  requireMs("cancelGraceMs", resolved.cancelGraceMs);
  requireMs("startTimeoutMs", resolved.startTimeoutMs);
  return resolved;
}

/**
 * Reads and checks the options of a call once. After that they can neither change nor throw, which would harm other
 * calls.
 *
 * @throws {TypeError} If an option is of another type than it must be.
 * @throws {RangeError} If a duration is negative, or no number.
 */
export function readCallOptions(options: CallOptions): CheckedOptions {
  const isObject = typeof options === "object" && options !== null;
  requireThat(isObject, "options", "an object", options);
  const read = {
    signal: options.signal,
    deadlineMs: options.deadlineMs,
    maxWaitMs: options.maxWaitMs,
    estimateMs: options.estimateMs,
    maxRunMs: options.maxRunMs,
    pure: options.pure,
    transfer: options.transfer,
    tag: options.tag,
    onTiming: options.onTiming,
    onReport: options.onReport,
    reports: options.reports,
    group: options.group,
  };
  const { signal, pure, transfer, onTiming, onReport, reports } = read;
  requireMs("deadlineMs", read.deadlineMs);
  requireMs("maxWaitMs", read.maxWaitMs);
  requireMs("estimateMs", read.estimateMs);
  requireMs("maxRunMs", read.maxRunMs);
  requireIfGiven(signal instanceof AbortSignal, "signal", "an AbortSignal", signal);
  requireIfGiven(typeof pure === "boolean", "pure", "true or false", pure);
  requireIfGiven(Array.isArray(transfer), "transfer", "an array", transfer);
  requireIfGiven(typeof onTiming === "function", "onTiming", "a function", onTiming);
  requireIfGiven(typeof onReport === "function", "onReport", "a function", onReport);
  const isKnown = reports === "latest" || reports === "all";
  requireIfGiven(isKnown, "reports", '"latest" or "all"', reports);
  read.transfer = transfer && [...transfer];
  // Without a listener the worker need not report.
  read.reports = onReport && (reports ?? "latest");
  return read;
}

/** @throws {TypeError} If `args` is no array. @returns A copy of it. */
export function readArgs(args: readonly unknown[]): readonly unknown[] {
  requireThat(Array.isArray(args), "args", "an array of the method's arguments", args);
  return [...args];
}

/** Leaves out the options that are `undefined`. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
