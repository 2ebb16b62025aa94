/**
 * A backend that remembers answers of another. The only file of the pool's package that needs lru-cache.
 *
 * @module
 */

import type { LRUCache } from "lru-cache";
import type { Backend, BackendCallOptions, Found, Timing } from "./backend.ts";
import { defaultKey, entryOf } from "./cache_entry.ts";
import type { CachedBackend, CachedOptions } from "./cached_options.ts";
import { systemClock } from "./clock.ts";
import { DeadlineExceededError, OverloadedError } from "./errors.ts";
import type { ArgsOf, Methods } from "./methods.ts";
import { waitFor } from "./wait_for.ts";

export type { Weigh } from "./cache_entry.ts";
export type { CachedBackend, CachedOptions } from "./cached_options.ts";

/**
 * How often a caller may start over after the flight that it joined ran out of time. With 1, a second caller with a
 * short deadline could fail everyone who joined; without a bound, each of them could ask a full queue again and
 * again.
 */
const REPEATS = 3;

/**
 * How long before its caller's deadline a call that has not started is refused. At the same moment the caller's own wait
 * would end first, and nobody would learn that there was no room. Less would lose that race on a busy thread; more would
 * refuse calls that could still start.
 */
const REFUSED_BEFORE_MS = 5;

/** A flight: one computation under way, and how many callers wait for it. */
interface Flight {
  readonly result: Promise<unknown>;
  readonly controller: AbortController;
  /** What the caller who began it gave it: by when it ends, by when it starts, and how long it runs. */
  readonly bounds: Bounds;
  waiting: number;
  /** Where the time of the work went, once that is known. */
  readonly told: { timing?: Timing };
}

/** The bounds of a call. `Infinity`: none. */
interface Bounds {
  readonly endBy: number;
  readonly startBy: number;
  readonly maxRunMs: number;
}

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
  { maxBytes, pure = [], key = defaultKey, weigh, clock = systemClock }: CachedOptions<Api>,
): CachedBackend<Api> {
  if (!(maxBytes > 0)) throw new RangeError(`maxBytes must be more than 0: ${maxBytes}`);
  type Name = keyof Api & string;
  type Args = readonly unknown[];
  const isPure = new Set<string>(pure);
  const flights = new Map<string, Flight>();
  const counts = { hits: 0, misses: 0, shared: 0, bypassed: 0 };
  let answers: LRUCache<string, Found<unknown>> | undefined;
  /** Answers that came before the library was there: those of some milliseconds. */
  const early = new Map<string, { readonly entry: Found<unknown>; readonly size: number }>();
  let loading: Promise<void> | undefined;

  // Imported here and not above: the start of a service need not wait for it.
  const load = () =>
    loading ??= import("lru-cache").then(({ LRUCache }) => {
      answers = new LRUCache({ maxSize: maxBytes });
      for (const [key, { entry, size }] of early) answers.set(key, entry, { size });
    }).finally(() => early.clear());

  const callInner = (method: Name, args: Args, options: BackendCallOptions) =>
    inner.call(method, args as ArgsOf<Api[Name]>, options) as Promise<unknown>;

  /** Remembers an answer. @throws {TypeError} If it can't be shared. */
  function keep(key: string, value: unknown): void {
    const { entry, size } = entryOf(value, weigh);
    if (answers) return void answers.set(key, entry, { size });
    early.set(key, { entry, size });
    load().catch(() => early.clear());
  }

  function held(key: string): Found<unknown> | undefined {
    return answers ? answers.get(key) : early.get(key)?.entry;
  }

  function keyOf(method: Name, args: Args, options: BackendCallOptions): string | undefined {
    const { pure = isPure.has(method), transfer } = options;
    return pure && !transfer?.length ? key(method, args) : undefined;
  }

  function takeOff(
    key: string,
    method: Name,
    args: Args,
    options: BackendCallOptions,
  ): Flight {
    const { deadlineMs = Infinity, maxWaitMs = deadlineMs } = options;
    const startsWithinMs = Math.min(maxWaitMs, Math.max(0, deadlineMs - REFUSED_BEFORE_MS));
    const controller = new AbortController();
    const told: Flight["told"] = {};
    const work = callInner(method, args, {
      ...options,
      pure: true,
      signal: controller.signal,
      deadlineMs: finite(2 * deadlineMs),
      maxWaitMs: finite(startsWithinMs),
      // A backend on this thread calls it before `flight` exists.
      onTiming: (timing) => told.timing = timing,
    });
    const flight: Flight = {
      result: work.then((value) => {
        keep(key, value);
        return value;
      }),
      controller,
      bounds: boundsOf(options, clock.now()),
      waiting: 0,
      told,
    };
    flights.set(key, flight);
    const landed = () => {
      // Compared first: when all callers have left this flight, a newer one may have its key.
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.result.then(landed, landed);
    return flight;
  }

  function leave(key: string, flight: Flight, reason: unknown): void {
    if (--flight.waiting > 0) return;
    // Removed before it is cancelled: a new caller must not join what is about to fail.
    if (flights.get(key) === flight) flights.delete(key);
    flight.controller.abort(reason);
  }

  async function answer(
    key: string,
    method: Name,
    args: Args,
    options: BackendCallOptions,
    repeats = REPEATS,
  ): Promise<unknown> {
    const found = look(key);
    if (found) {
      options.onTiming?.(HIT);
      return found.value;
    }
    const { signal, deadlineMs, maxWaitMs } = options;
    signal?.throwIfAborted();
    const startedAt = clock.now();
    const underWay = flights.get(key);
    const flight = underWay ?? takeOff(key, method, args, options);
    const use = underWay ? "shared" : "miss";
    counts[underWay ? "shared" : "misses"]++;
    flight.waiting++;
    try {
      const bounds = { signal, deadlineMs, clock };
      const value = await waitFor(flight.result, bounds, (reason) => leave(key, flight, reason));
      options.onTiming?.({ ...flight.told.timing!, cache: use });
      return value;
    } catch (error) {
      const tookMs = clock.now() - startedAt;
      const left = { deadlineMs: less(deadlineMs, tookMs), maxWaitMs: less(maxWaitMs, tookMs) };
      const { bounds } = flight;
      const own = boundsOf(options, startedAt);
      const hadMore = own.endBy > bounds.endBy || own.startBy > bounds.startBy ||
        own.maxRunMs > bounds.maxRunMs;
      // The caller must have time left, to wait and to run.
      const isInTime = (left.deadlineMs ?? 1) > 0 && (left.maxWaitMs ?? 0) >= 0;
      if (repeats === 0 || !hadMore || !isInTime || !isForWantOfTime(error)) throw error;
      return answer(key, method, args, { ...options, ...left }, repeats - 1);
    }
  }

  function look(key: string): Found<unknown> | undefined {
    const found = held(key);
    if (found) counts.hits++;
    return found;
  }

  async function bypass(
    key: string,
    method: Name,
    args: Args,
    options: BackendCallOptions,
  ): Promise<unknown> {
    options.signal?.throwIfAborted();
    counts.bypassed++;
    const onTiming = (timing: Timing) => options.onTiming?.({ ...timing, cache: "bypass" });
    const value = await callInner(method, args, { ...options, pure: true, onTiming });
    keep(key, value);
    return value;
  }

  async function call(method: Name, args: Args, options: BackendCallOptions = {}) {
    const key = keyOf(method, args, options);
    if (key === undefined) return await callInner(method, args, options);
    const isAlone = options.fresh || (options.onReport !== undefined && !held(key));
    return await (isAlone
      ? bypass(key, method, args, options)
      : answer(key, method, args, options));
  }

  return {
    get isBusy() {
      return inner.isBusy;
    },
    call: call as Backend<Api>["call"],
    find: ((method: Name, args: Args) => {
      const found = key(method, args);
      return found === undefined ? undefined : look(found);
    }) as NonNullable<Backend<Api>["find"]>,
    joins(method, args) {
      const found = key(method, args);
      return found !== undefined && flights.has(found);
    },
    refusal: (method, args, options) => inner.refusal?.(method, args, options),
    stats: () => ({
      ...inner.stats(),
      cache: {
        entries: answers?.size ?? early.size,
        bytes: answers?.calculatedSize ?? 0,
        maxBytes,
        ...counts,
      },
    }),
    health: () => inner.health(),
    close: (options) => inner.close(options),
    load,
  };
}

const HIT: Timing = { waitMs: 0, runMs: 0, transferMs: 0, cache: "hit" };

function boundsOf(
  { deadlineMs = Infinity, maxWaitMs = deadlineMs, maxRunMs = Infinity }: BackendCallOptions,
  now: number,
): Bounds {
  return { endBy: now + deadlineMs, startBy: now + maxWaitMs, maxRunMs };
}

/** No bound is an option that is not given. */
function finite(ms: number): number | undefined {
  return ms === Infinity ? undefined : ms;
}

function less(ms: number | undefined, byMs: number): number | undefined {
  return ms === undefined ? undefined : ms - byMs;
}

function isForWantOfTime(error: unknown): boolean {
  return error instanceof OverloadedError || error instanceof DeadlineExceededError;
}
