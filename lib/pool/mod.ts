/**
 * How CPU-bound work leaves the event loop: a fixed number of module Web Workers, wrapped with Comlink,
 * behind one bounded queue. The worker's side is `worker.ts`.
 *
 * @module
 */

export type {
  Backend,
  BackendCallOptions,
  BackendStats,
  CacheStats,
  CacheUse,
  Found,
  Health,
  Timing,
} from "./backend.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  CancelledError,
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  type Refusal,
  type Refused,
  WorkerCrashedError,
} from "./errors.ts";
export { type HistogramSnapshot, quantile } from "./histogram.ts";
export type { CallOptions, CallTiming, Run } from "./job.ts";
export type { PoolWorker, Port } from "./sending/endpoint.ts";
export type { Reports } from "./sending/protocol.ts";
export type { Life } from "./workers/liveness.ts";
export {
  defaultSize,
  type MapOptions,
  type PoolEvent,
  type PoolObserver,
  type RoomOptions,
  type SetupOf,
  type WorkerPoolOptions,
} from "./options.ts";
export type { ArgsOf, Methods, ResultOf } from "./methods.ts";
export { orderedMap, type OrderedMapOptions } from "./ordered_map.ts";
export type { CloseOptions, CloseReport } from "./shutdown.ts";
export type { PoolHealth, PoolStats, SlotState, SlotStats } from "./stats.ts";
export type { CallTrace, ContinueTrace, Tracer } from "./trace.ts";
export { WorkerPool } from "./worker_pool.ts";
