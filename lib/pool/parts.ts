/**
 * What whoever builds on a backend needs, and no pool: nothing of this loads Comlink.
 *
 * @module
 */

export { defaultKey } from "./cache_entry.ts";
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
export { Histogram, type HistogramSnapshot, quantile } from "./histogram.ts";
export { orderedMap, type OrderedMapOptions } from "./ordered_map.ts";
