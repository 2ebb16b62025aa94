/**
 * A backend that remembers answers of another.
 *
 * @module
 */

import type { Backend, BackendCallOptions, BackendStats, CacheStats, Timing } from "./backend.ts";
import { Answers } from "./cache_answers.ts";
import { defaultKey, type Weigh } from "./cache_entry.ts";
import { boundsOf, type Compute, type Flight, takeOff } from "./cache_flight.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { ArgsOf, Methods } from "./methods.ts";

export type { Weigh } from "./cache_entry.ts";

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

/**
 * How often a caller may start over after the flight that it joined ran out of time. With 1, a second caller with a
 * short deadline could fail everyone who joined; without a bound, each of them could ask a full queue again and
 * again.
 */
const REPEATS = 3;

/**
 * Remembers answers to pure calls. Identical calls that come meanwhile share one computation, called a flight. All
 * other calls go straight to `inner`.
 *
 * - A caller's abort or deadline ends that caller's wait alone. Only when the last one has left is the work cancelled,
 *   with that one's reason.
 * - The work may take twice the deadline of the caller who began it, so that it can outlive that caller. If it still
 *   runs out of time, a caller who joined with more time starts over.
 * - An error rejects those who wait for it, and is forgotten.
 * - A `fresh` call reads nothing remembered and joins no flight, and no call joins it. Its answer is remembered. A
 *   call with `onReport` is answered from memory if it can be. Else it is treated as a fresh one, as its reports are
 *   its own.
 * - Answers are shared: never change one.
 *
 * A call rejects with `TypeError` if its arguments or its answer can't be remembered; see the options.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cached } from "./cached.ts";
 * import { inline } from "./inline.ts";
 *
 * const backend = cached(inline({ double: (n: number) => 2 * n }), {
 *   maxBytes: 1e6,
 *   pure: ["double"],
 * });
 * await backend.call("double", [21]);
 * assertEquals(backend.find("double", [21])?.value, 42);
 * ```
 */
export function cached<Api extends Methods<Api>>(
  inner: Backend<Api>,
  { maxBytes, pure = [], key: keyOf = defaultKey, weigh, clock = systemClock }: CachedOptions<Api>,
): CachedBackend<Api> {
  if (!(maxBytes > 0)) throw new RangeError(`maxBytes must be more than 0: ${maxBytes}`);
  type Name = keyof Api & string;
  type Args = readonly unknown[];
  const isPure = new Set<string>(pure);
  const answers = new Answers(maxBytes, weigh);
  const flights = new Map<string, Flight>();
  const counts = { misses: 0, shared: 0, bypassed: 0 };

  const callInner = (method: Name, args: Args, options: BackendCallOptions) =>
    inner.call(method, args as ArgsOf<Api[Name]>, options) as Promise<unknown>;

  async function call(method: Name, args: Args, options: BackendCallOptions = {}) {
    const { pure = isPure.has(method), transfer, fresh, onReport } = options;
    const key = pure && !transfer?.length ? keyOf(method, args) : undefined;
    if (key === undefined) return await callInner(method, args, options);
    const compute = async (options: BackendCallOptions) => {
      const value = await callInner(method, args, options);
      answers.keep(key, value);
      return value;
    };
    const isAlone = fresh || (onReport !== undefined && !answers.has(key));
    if (!isAlone) return await answer(key, compute, options);
    options.signal?.throwIfAborted();
    counts.bypassed++;
    const onTiming = (timing: Timing) => options.onTiming?.({ ...timing, cache: "bypass" });
    return await compute({ ...options, pure: true, onTiming });
  }

  async function answer(
    key: string,
    compute: Compute,
    options: BackendCallOptions,
    repeats = REPEATS,
  ): Promise<unknown> {
    const found = answers.find(key);
    if (found) {
      options.onTiming?.(HIT);
      return found.value;
    }
    options.signal?.throwIfAborted();
    const bounds = boundsOf(options, clock.now());
    const underWay = flights.get(key);
    counts[underWay ? "shared" : "misses"]++;
    const flight = underWay ?? takeOff(flights, key, compute, options, bounds, clock);
    try {
      return await flight.wait(options, underWay ? "shared" : "miss");
    } catch (error) {
      const timeLeft = repeats > 0 && flight.timeLeft(error, bounds);
      if (!timeLeft) throw error;
      return answer(key, compute, { ...options, ...timeLeft }, repeats - 1);
    }
  }

  return {
    get isBusy() {
      return inner.isBusy;
    },
    call: call as Backend<Api>["call"],
    find: ((method: Name, args: Args) => {
      const key = keyOf(method, args);
      return key === undefined ? undefined : answers.find(key);
    }) as NonNullable<Backend<Api>["find"]>,
    joins(method, args) {
      const key = keyOf(method, args);
      return key !== undefined && flights.has(key);
    },
    refusal: (method, args, options) => inner.refusal?.(method, args, options),
    observe: (observer) => inner.observe?.(observer),
    stats: () => ({ ...inner.stats(), cache: { ...answers.stats(), ...counts } }),
    health: () => inner.health(),
    close: (options) => inner.close(options),
    load: () => answers.load(),
  };
}

const HIT: Timing = { waitMs: 0, runMs: 0, transferMs: 0, cache: "hit" };
