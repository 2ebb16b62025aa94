import { estimateMs, type MachineSpeed } from "../fibonacci/mod.ts";
import type { FibonacciJob } from "./compute.ts";
import { InfeasibleError } from "./errors.ts";

/** How long jobs take on this machine. */
export interface Estimator {
  /** @returns Milliseconds that a job runs, good to a factor of two once `speed` is known. */
  (job: FibonacciJob): number;
  /** How fast this machine is. Until it is set, a reference machine's speed serves. */
  speed: MachineSpeed | undefined;
}

/** Makes an {@linkcode Estimator} whose speed is not known yet. */
export function estimator(): Estimator {
  const estimate: Estimator = Object.assign(
    ({ n, algorithm }: FibonacciJob) => estimateMs(n, algorithm, estimate.speed),
    { speed: undefined },
  );
  return estimate;
}

/** @throws {InfeasibleError} If the job alone takes longer than it may. */
export function requireFeasible(estimatedMs: number, deadlineMs = Infinity): void {
  if (estimatedMs > deadlineMs) throw new InfeasibleError(estimatedMs, deadlineMs);
}
