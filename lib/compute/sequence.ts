import { orderedMap } from "../pool/mod.ts";
import type { Compute, ComputeOptions, FibonacciJob, FibonacciResult } from "./compute.ts";
import { OverloadedError } from "./errors.ts";

/** Options of {@linkcode sequence}. */
export interface SequenceOptions extends Pick<ComputeOptions, "signal" | "deadlineMs"> {
  /** How many jobs are under way at most. Default: 4. */
  concurrency?: number;
}

/**
 * Answers many jobs, several at a time, in their order.
 *
 * The first may be refused like any call. From then on the answer is under way, and to be refused is to
 * wait: a job that finds no room is asked again, until `deadlineMs` have passed for it.
 *
 * @param deadlineMs For each job apart.
 * @throws Whatever the first job that fails is rejected with. Those under way are aborted.
 */
export function sequence(
  compute: Compute,
  jobs: Iterable<FibonacciJob>,
  { signal, deadlineMs, concurrency = 4 }: SequenceOptions = {},
): AsyncGenerator<FibonacciResult, void, void> {
  let first = true;
  const call = (job: FibonacciJob, signal: AbortSignal) => {
    const patient = !first;
    first = false;
    return patient
      ? insist(compute, job, signal, deadlineMs)
      : compute(job, { signal, deadlineMs });
  };
  return orderedMap(jobs, call, { concurrency, signal });
}

async function insist(
  compute: Compute,
  job: FibonacciJob,
  signal: AbortSignal,
  deadlineMs = Infinity,
): Promise<FibonacciResult> {
  const giveUpAt = performance.now() + deadlineMs;
  while (true) {
    const leftMs = giveUpAt - performance.now();
    try {
      return await compute(job, { signal, deadlineMs: leftMs === Infinity ? undefined : leftMs });
    } catch (error) {
      if (!(error instanceof OverloadedError) || leftMs <= 0) throw error;
      await pause(Math.min(Math.max(error.retryAfterMs, MIN_PAUSE_MS), leftMs), signal);
    }
  }
}

/** Between two questions: often enough to get its share of a busy pool, too seldom to be part of the load. */
const MIN_PAUSE_MS = 10;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", aborted);
      resolve();
    }, ms);
    const aborted = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", aborted, { once: true });
  });
}
