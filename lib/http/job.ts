/**
 * From a request to the job it asks for, or to the problem it has.
 *
 * @module
 */

import type { Context } from "hono";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  type ComputeOptions,
  DEFAULT_ALGORITHM,
  type FibonacciJob,
  isAlgorithmName,
} from "../compute/mod.ts";
import { isWatched, waitOf } from "../hono/bounds.ts";
import { clientOf, type TrustsProxy } from "../hono/client.ts";
import { humanDuration } from "../hono/duration.ts";
import { Problem } from "../hono/problem.ts";
import type { HeaderGroup } from "../hono/respond.ts";
import type { AppEnv } from "./exchange.ts";

/** What may be asked for. */
export interface Limits {
  /** The largest n. */
  readonly maxN: number;
  /** Milliseconds an answer may take. A client may ask for less, never for more. */
  readonly deadlineMs: number;
  /** The algorithm where the request names none. */
  readonly algorithm: AlgorithmName;
  /** How many calls wait for a worker. Called for each that is computed. Default: nobody knows. */
  readonly waiting?: () => number;
  /** Which proxies tell whose requests theirs are. Default: none. */
  readonly trustsProxy?: TrustsProxy;
  /** Predicts how many milliseconds a job takes. Called for each request: it has to be cheap. */
  readonly estimateMs: (job: FibonacciJob) => number;
}

/**
 * Reads the value of `?algorithm=`.
 *
 * @throws {Problem} 400, if it names none.
 */
export function parseAlgorithm(value: string | undefined, limits: Limits): AlgorithmName {
  if (value === undefined) return limits.algorithm;
  if (isAlgorithmName(value)) return value;
  throw new Problem(
    400,
    "unknown-algorithm",
    `algorithm must be one of ${ALGORITHM_NAMES.join(", ")}`,
  );
}

/**
 * Reads n off its digits, however many.
 *
 * @throws {Problem} 422, if it is over the limit.
 */
export function parseN(digits: string, limits: Limits): number {
  let start = 0;
  while (digits[start] === "0") start++;
  // By length first: a number of 60,000 digits is not worth reading.
  if (digits.length - start <= String(limits.maxN).length) {
    const n = Number(digits);
    if (n <= limits.maxN) return n;
  }
  throw new Problem(422, "n-too-large", `n must be at most ${limits.maxN}`);
}

/**
 * Makes sure that a job can be answered in time at all, whatever the load.
 *
 * @returns The milliseconds it is estimated to take.
 * @throws {Problem} 422, if it can't.
 */
export function requireFeasible(job: FibonacciJob, limits: Limits): number {
  const { n, algorithm } = job;
  const { maxN } = ALGORITHMS[algorithm];
  const estimateMs = limits.estimateMs(job);
  if (n <= maxN && estimateMs <= limits.deadlineMs) return estimateMs;

  const better: FibonacciJob = { n, algorithm: DEFAULT_ALGORITHM };
  const instead = algorithm !== better.algorithm && limits.estimateMs(better) <= limits.deadlineMs
    ? `algorithm=${better.algorithm}`
    : "a smaller n";
  const [takes, mayTake] = [estimateMs, limits.deadlineMs].map(humanDuration);
  const reason = n > maxN
    ? `${algorithm} goes up to n = ${maxN}`
    : `${algorithm} would take about ${takes} for n = ${n}, and may take ${mayTake}`;
  throw new Problem(422, "infeasible", `${reason}: use ${instead}`);
}

/** How a request bounds the calls made for it. */
export interface Bounds {
  /** For each of them. */
  readonly options: ComputeOptions;
  /** Headers that tell the client which of its preferences were followed. */
  readonly headers: HeaderGroup;
}

/**
 * Finds what bounds the calls made for a request: its connection, the deadline, `Prefer: wait=`.
 *
 * @param estimateMs What the work is estimated to take.
 */
export function boundsOf(c: Context<AppEnv>, limits: Limits, estimateMs: number): Bounds {
  const { deadlineMs, headers } = waitOf(c, limits.deadlineMs);
  const request = c.req.raw;
  return {
    options: {
      deadlineMs,
      // Getters, as both cost something, and an answer from the cache never needs them.
      get group() {
        return clientOf(c.env.info?.remoteAddr?.hostname, request.headers, limits.trustsProxy);
      },
      get signal() {
        const isBusy = limits.waiting?.() !== 0;
        return isWatched(estimateMs, isBusy) ? request.signal : undefined;
      },
    },
    headers,
  };
}
