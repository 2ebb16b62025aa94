import type { AlgorithmName, MachineSpeed } from "../fibonacci/mod.ts";
import type { CallTiming, WorkerPool } from "../pool/mod.ts";
import type { Coding, Compute, ComputeOptions, Digits, FibonacciJob } from "./compute.ts";
import { type Estimator, requireFeasible } from "./estimator.ts";

/** What the service's workers serve. */
export interface FibonacciApi {
  /** See `fibonacci` in `lib/fibonacci/`; the rest is an `Encoding`. */
  fibonacci(
    n: number,
    algorithm: AlgorithmName,
    coding?: Coding,
    before?: string,
    after?: string,
  ): Digits;
  /** Measures how fast this machine is. */
  calibrate(): MachineSpeed;
}

/** Answers in a pool's workers. A job whose worker dies is tried once more: it is a pure function. */
export function pooled(pool: WorkerPool<FibonacciApi>, estimate: Estimator): Compute {
  const compute: Compute = async (job, options = {}) => {
    const { signal, deadlineMs, limitMs = deadlineMs } = options;
    signal?.throwIfAborted();
    const estimateMs = estimate(job);
    requireFeasible(estimateMs, deadlineMs);
    let timing: CallTiming | undefined;
    const { n, algorithm, encoding } = job;
    const coding = encoding?.coding;
    // Values, not an object: that could not share a message with other calls.
    const args: Parameters<FibonacciApi["fibonacci"]> = encoding
      ? [n, algorithm, coding, encoding.before, encoding.after]
      : [n, algorithm];
    const digits = await pool.call("fibonacci", args, {
      ...bounds(pool, estimateMs, options),
      signal,
      deadlineMs: limitMs,
      pure: true,
      tag: job,
      onTiming: (told) => timing = told,
    });
    const { slot: worker, waitMs: queueMs, runMs: computeMs, transferMs } = timing!;
    estimate.learn(job, computeMs);
    return { digits, coding, cache: "off", queueMs, computeMs, transferMs, worker };
  };
  return Object.assign(compute, {
    refusal: (job: FibonacciJob, options: ComputeOptions = {}) =>
      pool.waiting === 0 && !pool.isFull
        ? undefined
        : pool.refusal("fibonacci", bounds(pool, estimate(job), options)),
  });
}

function bounds(
  { waiting }: WorkerPool<FibonacciApi>,
  estimateMs: number,
  options: ComputeOptions,
) {
  const { deadlineMs } = options;
  return {
    // What starts later can't be done in time.
    maxWaitMs: deadlineMs === undefined || !(estimateMs < deadlineMs)
      ? deadlineMs
      : deadlineMs - estimateMs,
    // There is none for nonsense, and what is wrong with it is the function's to say.
    estimateMs: Number.isNaN(estimateMs) ? undefined : estimateMs,
    // To find out whose call it is takes 5 µs. Where nobody waits there are no turns to take.
    group: waiting === 0 ? undefined : options.group,
  };
}
