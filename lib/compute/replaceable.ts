import type { Compute, ComputeOptions, FibonacciJob } from "./compute.ts";

/** What {@linkcode replaceable} makes. */
export interface ReplaceableCompute extends Compute {
  /** Answers by another Compute from now on. Calls under way stay where they are. */
  replace(by: Compute): void;
}

/** Answers by one Compute until a better one is there: what takes time to load need not be waited for. */
export function replaceable(first: Compute): ReplaceableCompute {
  let current = first;
  const compute: Compute = (job, options) => current(job, options);
  return Object.assign(compute, {
    find: (job: FibonacciJob) => current.find?.(job),
    refusal: (job: FibonacciJob, options?: ComputeOptions) => current.refusal?.(job, options),
    replace: (by: Compute) => void (current = by),
  });
}
