import type { Backend, BackendStats, CacheStats } from "./backend.ts";
import type { Weigh } from "./cache_entry.ts";
import type { Clock } from "./clock.ts";
import type { Methods } from "./methods.ts";

/** Options of `cached()`. */
export interface CachedOptions<Api> {
  /** What the answers held may weigh, in bytes. */
  maxBytes: number;
  /**
   * The methods whose answers depend on nothing but their arguments: these are remembered. Default: only calls with
   * `pure: true` are, an option that the HTTP kit sets for the methods that are pure there.
   */
  pure?: readonly (keyof NoInfer<Api> & string)[];
  /**
   * Makes the key of a call: calls of the same key share an answer. `undefined`: the call is not remembered. Default:
   * the method's name and its arguments, which have to be strings, numbers, bigints, booleans, `null` or `undefined`.
   */
  key?: (method: keyof NoInfer<Api> & string, args: readonly unknown[]) => string | undefined;
  /**
   * Returns what an object or array weighs, in bytes. Such an answer is frozen, because all callers get the same one.
   * Default: only strings, bytes and other plain values are remembered, and a pure call with another answer is
   * rejected.
   */
  weigh?: Weigh;
  /** Default: the real time. */
  clock?: Clock;
}

/** What `cached()` returns. */
export interface CachedBackend<Api extends Methods<Api>> extends Backend<Api> {
  /** Finds a remembered answer, and counts it as a hit. */
  find: NonNullable<Backend<Api>["find"]>;
  /** Returns whether a call would join one that is under way. */
  joins: NonNullable<Backend<Api>["joins"]>;
  /** Returns whether the backend behind the cache would refuse a call. */
  refusal: NonNullable<Backend<Api>["refusal"]>;
  /** Takes a snapshot, the cache's numbers with it. */
  stats(): BackendStats & { readonly cache: CacheStats };
  /**
   * Loads the library that holds the answers: some 10 ms. Without this, the first answer to be remembered loads it.
   * If it can't be loaded, each answer is computed.
   *
   * @throws (rejects) With the reason, if it can't be loaded.
   */
  load(): Promise<void>;
}
