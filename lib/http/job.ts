import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  type FibonacciJob,
  isAlgorithmName,
} from "../compute/mod.ts";
import { humanDuration } from "../hono/duration.ts";
import { Problem } from "../hono/problem.ts";

/** What requests may ask for. */
export interface Limits {
  /** The largest n. */
  readonly maxN: number;
  /** Milliseconds an answer may take. A client may ask for less. */
  readonly deadlineMs: number;
  /** The algorithm where the request names none. */
  readonly algorithm: AlgorithmName;
  /** Predicts how many milliseconds a job takes. Called for each request: it has to be cheap. */
  readonly estimateMs: (job: FibonacciJob) => number;
}

/** Reads the value of `?algorithm=`. @throws {Problem} 400, if it is unknown. */
export function parseAlgorithm(value: string | undefined, limits: Limits): AlgorithmName {
  if (value === undefined) return limits.algorithm;
  if (isAlgorithmName(value)) return value;
  const detail = `algorithm must be one of ${ALGORITHM_NAMES.join(", ")}`;
  throw new Problem(400, "unknown-algorithm", detail);
}

/** Reads n from its digits: 60,000 of them take 0.1 ms. @throws {Problem} 422, if it is over the limit. */
export function parseN(digits: string, limits: Limits): number {
  const n = Number(digits);
  if (n <= limits.maxN) return n;
  throw new Problem(422, "n-too-large", `n must be at most ${limits.maxN}`);
}

/** @throws {Problem} 422, if a job can't be done in time, whatever the load. It says what to use instead. */
export function requireFeasible(job: FibonacciJob, limits: Limits): void {
  const { n, algorithm } = job;
  const { maxN } = ALGORITHMS[algorithm];
  const estimateMs = limits.estimateMs(job);
  if (n <= maxN && estimateMs <= limits.deadlineMs) return;
  const better: FibonacciJob = { n, algorithm: DEFAULT_ALGORITHM };
  const instead = algorithm !== better.algorithm && limits.estimateMs(better) <= limits.deadlineMs
    ? `algorithm=${better.algorithm}`
    : "a smaller n";
  const [takes, mayTake] = [estimateMs, limits.deadlineMs].map(humanDuration);
  const reason = n > maxN
    ? `${algorithm} goes up to n = ${maxN}`
    : `${algorithm} would take about ${takes} for n = ${n}, and the limit is ${mayTake}`;
  throw new Problem(422, "infeasible", `${reason}: use ${instead}`);
}
