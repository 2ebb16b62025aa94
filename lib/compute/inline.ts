import { fibonacci } from "../fibonacci/mod.ts";
import type { Compute, FibonacciJob } from "./compute.ts";
import { DeadlineExceededError } from "./errors.ts";
import { requireFeasible } from "./estimator.ts";

/**
 * Answers on this thread, which is blocked meanwhile: for platforms without workers, and the naive rival
 * in benchmarks. A deadline is kept, at the next checkpoint; a signal that aborts while the thread is
 * blocked can't be heard before the answer is there.
 */
export function inline(estimate: (job: FibonacciJob) => number): Compute {
  // deno-lint-ignore require-await -- so that what it throws rejects
  return async (job, { signal, deadlineMs = Infinity } = {}) => {
    signal?.throwIfAborted();
    requireFeasible(estimate(job), deadlineMs);
    const startedAt = performance.now();
    const digits = fibonacci(job.n, job.algorithm, () => {
      if (performance.now() - startedAt > deadlineMs) throw new DeadlineExceededError(deadlineMs);
    });
    return { digits, cache: "off", queueMs: 0, computeMs: performance.now() - startedAt };
  };
}
