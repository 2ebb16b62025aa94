import type { BackendStats, CacheStats, PoolStats } from "@off-the-loop/pool";

/** The numbers of a backend: plain data. `null` for a part that it does not have. */
export interface ServiceStats {
  /** The pool. */
  readonly pool: PoolStats | null;
  /** The cache of answers. */
  readonly cache: CacheStats | null;
}

/** Separates the pool's numbers from the cache's. */
export function statsOf({ cache, ...pool }: BackendStats): ServiceStats {
  return { pool: pool.slots ? pool as PoolStats : null, cache: cache ?? null };
}
