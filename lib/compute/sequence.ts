import { type Clock, orderedMap, systemClock } from "../pool/mod.ts";
import type { Compute, ComputeOptions, FibonacciJob, FibonacciResult } from "./compute.ts";
import { InfeasibleError, OverloadedError } from "./errors.ts";

/** Options of {@linkcode sequence}. */
export interface SequenceOptions extends Pick<ComputeOptions, "signal" | "deadlineMs" | "group"> {
  /** How many jobs are under way at most. Default: 4. */
  concurrency?: number;
  /** Default: the real time. */
  clock?: Clock;
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
  { signal, deadlineMs, group, concurrency = 4, clock = systemClock }: SequenceOptions = {},
): AsyncGenerator<FibonacciResult, void, void> {
  let first = true;
  const call = (job: FibonacciJob, signal: AbortSignal) => {
    const patient = !first;
    first = false;
    return patient
      ? insist(compute, job, { signal, deadlineMs: deadlineMs ?? Infinity, group }, clock)
      : compute(job, { signal, deadlineMs, group });
  };
  return orderedMap(jobs, call, { concurrency, signal });
}

async function insist(
  compute: Compute,
  job: FibonacciJob,
  { signal, deadlineMs, group }: Required<Pick<ComputeOptions, "signal" | "deadlineMs" | "group">>,
  clock: Clock,
): Promise<FibonacciResult> {
  const giveUpAt = clock.now() + deadlineMs;
  let leftMs = deadlineMs;
  let refusal: OverloadedError | undefined;
  do {
    try {
      const deadlineMs = leftMs === Infinity ? undefined : leftMs;
      return await compute(job, { signal, deadlineMs, group });
    } catch (error) {
      // It was feasible until it had to wait: room is what it lacks.
      if (refusal && error instanceof InfeasibleError) break;
      if (!(error instanceof OverloadedError)) throw error;
      refusal = error;
    }
    // To be refused may itself have taken all the time there was.
    leftMs = Math.max(0, giveUpAt - clock.now());
    await pause(Math.min(Math.max(refusal.retryAfterMs, MIN_PAUSE_MS), leftMs), signal, clock);
    leftMs = giveUpAt - clock.now();
  } while (leftMs > 0);
  throw refusal;
}

/** Between two questions: often enough to get its share of a busy pool, too seldom to be part of the load. */
const MIN_PAUSE_MS = 10;

function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    // An abort between refusal and pause has been, and would not be heard any more.
    signal.throwIfAborted();
    const aborted = () => {
      cancelTimer();
      reject(signal.reason);
    };
    const cancelTimer = clock.after(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}
