import type { PoolStats } from "../pool/stats.ts";

/** The cache of finished answers, counted since it was made. */
export interface CacheStats {
  /** Answers held. */
  readonly entries: number;
  /** What they weigh. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** Calls answered from the cache. */
  readonly hits: number;
  /** Calls that were computed. */
  readonly misses: number;
  /** Calls that joined one already under way. */
  readonly shared: number;
}

/** What there is to see of whatever computes: plain data. `null` for a part the service runs without. */
export interface ComputeStats {
  readonly pool: PoolStats | null;
  readonly cache: CacheStats | null;
}
