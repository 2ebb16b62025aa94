import { LRUCache } from "lru-cache";
import { type Clock, systemClock } from "../pool/clock.ts";
import type { Compute, ComputeOptions, FibonacciJob, FibonacciResult } from "./compute.ts";
import { DeadlineExceededError, InfeasibleError, OverloadedError } from "./errors.ts";
import type { CacheStats } from "./stats.ts";

/** Options of {@linkcode cached}. */
export interface CachedOptions {
  /** What the answers held may weigh, in bytes. */
  maxBytes: number;
  /** Default: the real time. */
  clock?: Clock;
}

/** What {@linkcode cached} makes. */
export interface CachedCompute extends Compute {
  /** Takes a snapshot of the cache. */
  stats(): CacheStats;
}

/** What an entry weighs beside its digits: key, result, list node. Measured, rounded up. */
const ENTRY_BYTES = 512;

/**
 * How often a caller may begin anew when one it joined had less time. Once would let a second impatient
 * caller in between decide for everyone; without a bound, a full queue would be asked once for each.
 */
const REPEATS = 3;

/** One computation under way, and how many wait for it. */
interface Flight {
  readonly result: Promise<FibonacciResult>;
  readonly controller: AbortController;
  /** When it must have answered the caller who began it. */
  readonly deadlineAt: number;
  waiting: number;
}

/**
 * Remembers answers of another Compute, and lets identical calls that come meanwhile share one flight.
 *
 * - A caller's abort or deadline ends that caller's wait alone. Only when the last one has left is the work
 *   cancelled, with that one's reason.
 * - So that it can outlive the caller who began it, the work itself may take twice that caller's deadline.
 *   Whoever joined with more time than that caller and sees it fail for want of time begins anew.
 * - An error is told to those who wait for it, and forgotten.
 * - A `fresh` call neither looks nor joins, and nobody joins it; its answer is remembered.
 */
export function cached(
  inner: Compute,
  { maxBytes, clock = systemClock }: CachedOptions,
): CachedCompute {
  const answers = new LRUCache<string, Pick<FibonacciResult, "digits" | "coding">>({
    maxSize: maxBytes,
    sizeCalculation: ({ digits }) => digits.length + ENTRY_BYTES,
  });
  const flights = new Map<string, Flight>();
  const counts = { hits: 0, misses: 0, shared: 0, bypassed: 0 };

  function keep(key: string, { digits, coding }: FibonacciResult): void {
    answers.set(key, coding ? { digits, coding } : { digits });
  }

  function takeOff(key: string, job: FibonacciJob, options: ComputeOptions): Flight {
    const { deadlineMs } = options;
    const deadlineAt = clock.now() + (deadlineMs ?? Infinity);
    const controller = new AbortController();
    const limitMs = deadlineMs && 2 * deadlineMs;
    const { signal } = controller;
    const result = inner(job, {
      signal,
      deadlineMs,
      limitMs,
      // Not before it is wanted: to find out whose call it is takes 5 µs.
      get group() {
        return options.group;
      },
    });
    const flight = { result, controller, deadlineAt, waiting: 0 };
    flights.set(key, flight);
    const landed = () => {
      // A flight that was left by all is off the list already, and a newer one may be on it.
      if (flights.get(key) === flight) flights.delete(key);
    };
    result.then((result) => {
      landed();
      keep(key, result);
    }, landed);
    return flight;
  }

  function leave(key: string, flight: Flight, reason: unknown): void {
    if (--flight.waiting > 0) return;
    // Off the list before it is cancelled: whoever comes now must not join what is about to fail.
    if (flights.get(key) === flight) flights.delete(key);
    flight.controller.abort(reason);
  }

  async function answer(
    job: FibonacciJob,
    options: ComputeOptions,
    repeats: number,
    failed?: unknown,
  ): Promise<FibonacciResult> {
    const key = keyOf(job);
    const hit = look(key);
    if (hit) return hit;
    const { signal, deadlineMs } = options;
    signal?.throwIfAborted();
    const deadlineAt = clock.now() + (deadlineMs ?? Infinity);
    const underWay = flights.get(key);
    const flight = underWay ?? takeOff(key, job, options);
    counts[underWay ? "shared" : "misses"]++;
    flight.waiting++;
    try {
      const result = await waitFor(
        flight.result,
        { signal, deadlineMs, clock },
        (reason) => leave(key, flight, reason),
      );
      return { ...result, cache: underWay ? "shared" : "miss" };
    } catch (error) {
      const leftMs = deadlineAt - clock.now();
      const hadMore = flight.deadlineAt < deadlineAt && leftMs > 0;
      if (repeats === 0 || !hadMore || !isForWantOfTime(error)) {
        // It was feasible until it had to begin anew: what it lacked then is the reason to tell.
        throw failed && error instanceof InfeasibleError ? failed : error;
      }
      return answer(job, { ...options, deadlineMs: deadlineMs && leftMs }, repeats - 1, error);
    }
  }

  function look(key: string): FibonacciResult | undefined {
    const answer = answers.get(key);
    if (answer === undefined) return undefined;
    counts.hits++;
    return { ...answer, cache: "hit", queueMs: 0, computeMs: 0 };
  }

  async function bypass(job: FibonacciJob, options: ComputeOptions): Promise<FibonacciResult> {
    options.signal?.throwIfAborted();
    counts.bypassed++;
    const result = await inner(job, options);
    keep(keyOf(job), result);
    return { ...result, cache: "bypass" };
  }

  const compute: Compute = (job, options = {}) =>
    options.fresh ? bypass(job, options) : answer(job, options, REPEATS);
  return Object.assign(compute, {
    find: (job: FibonacciJob) => look(keyOf(job)),
    refusal: (job: FibonacciJob, options: ComputeOptions = {}) => {
      const joins = !options.fresh && flights.has(keyOf(job));
      return joins ? undefined : inner.refusal?.(job, options);
    },
    stats: () => ({ entries: answers.size, bytes: answers.calculatedSize, maxBytes, ...counts }),
  });
}

function keyOf({ n, algorithm, encoding }: FibonacciJob): string {
  const key = `${algorithm} ${n}`;
  return encoding ? `${key} ${encoding.coding} ${encoding.before}` : key;
}

function isForWantOfTime(error: unknown): boolean {
  return error instanceof OverloadedError || error instanceof DeadlineExceededError ||
    error instanceof InfeasibleError;
}

/**
 * Waits for a promise as long as signal and deadline allow.
 *
 * @param gaveUp Called with the reason, if the wait ended before the promise was settled.
 */
function waitFor<T>(
  promise: Promise<T>,
  { signal, deadlineMs, clock }: ComputeOptions & { clock: Clock },
  gaveUp: (reason: unknown) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      end();
      reject(reason);
      gaveUp(reason);
    };
    const aborted = () => giveUp(signal!.reason);
    const cancelTimer = deadlineMs !== undefined
      ? clock.after(deadlineMs, () => giveUp(new DeadlineExceededError(deadlineMs)))
      : undefined;
    const end = () => {
      cancelTimer?.();
      signal?.removeEventListener("abort", aborted);
    };
    signal?.addEventListener("abort", aborted);
    promise.finally(end).then(resolve, reject);
  });
}
