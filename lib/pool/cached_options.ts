import type { Backend, BackendStats, CacheStats } from "./backend.ts";
import type { Weigh } from "./cache_entry.ts";
import type { Clock } from "./clock.ts";
import type { Methods } from "./worker.ts";

/** Options of `cached()`. */
export interface CachedOptions<Api> {
  /** What the answers held may weigh, in bytes. */
  maxBytes: number;
  /**
   * The methods whose answers follow from their arguments alone: these are remembered. Default: a call says so, with
   * `pure: true`, as the HTTP kit does for what is pure there.
   */
  pure?: readonly (keyof NoInfer<Api> & string)[];
  /**
   * What tells one call from another; `undefined` for one that is not to be remembered. Default: the method's name and
   * its arguments, which have to be strings, numbers, bigints, booleans, `null` or `undefined`.
   */
  key?: (method: keyof NoInfer<Api> & string, args: readonly unknown[]) => string | undefined;
  /**
   * Tells the bytes of an answer that is an object or array: it is frozen, as all who ask get the same one. Default:
   * only strings, bytes and other plain values are remembered, and a call that is answered otherwise is rejected.
   */
  weigh?: Weigh;
  /** Default: the real time. */
  clock?: Clock;
}

/** What `cached()` makes. */
export interface CachedBackend<Api extends Methods<Api>> extends Backend<Api> {
  /** Finds a remembered answer, and counts it as a hit. */
  find: NonNullable<Backend<Api>["find"]>;
  /** Tells whether a call would join one that is under way. */
  joins: NonNullable<Backend<Api>["joins"]>;
  /** Tells whether a call would be refused by the backend behind the cache. */
  refusal: NonNullable<Backend<Api>["refusal"]>;
  /** Takes a snapshot, the cache's numbers with it. */
  stats(): BackendStats & { readonly cache: CacheStats };
  /**
   * Loads the library behind it, which takes some 10 ms. Else the first answer to remember does. Without it, answers are
   * computed each time.
   *
   * @throws Why it can't be loaded.
   */
  load(): Promise<void>;
}
