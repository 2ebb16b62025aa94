import type { PoolStats } from "../pool/stats.ts";

/** The cache of finished answers, counted since it was made. */
export interface CacheStats {
  /** Answers held. */
  readonly entries: number;
  /** What they weigh. */
  readonly bytes: number;
  /** What they may weigh. */
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

/** What there is to see of whatever computes: plain data. `null` for a part the service runs without. */
export interface ComputeStats {
  /** The workers. */
  readonly pool: PoolStats | null;
  /** The answers held. */
  readonly cache: CacheStats | null;
}
