import type { BackendStats, CacheStats, PoolStats } from "@off-the-loop/pool";

/** What there is to see of a backend: plain data. `null` for a part the service runs without. */
export interface ServiceStats {
  /** The workers. */
  readonly pool: PoolStats | null;
  /** The answers held. */
  readonly cache: CacheStats | null;
}

/** Takes a backend's numbers apart. */
export function statsOf({ cache, ...pool }: BackendStats): ServiceStats {
  return { pool: pool.slots ? pool as PoolStats : null, cache: cache ?? null };
}
