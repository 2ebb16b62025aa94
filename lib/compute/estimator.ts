import { digitCount, estimateMs, type MachineSpeed, REFERENCE_SPEED } from "../fibonacci/mod.ts";
import type { Coding, FibonacciJob } from "./compute.ts";
import { InfeasibleError } from "./errors.ts";

/** How long jobs take on this machine. */
export interface Estimator {
  /** Predicts the milliseconds that a job runs, good to a factor of two once `speed` is known. */
  (job: FibonacciJob): number;
  /** How fast this machine is. Until it is set, a reference machine's speed serves. */
  speed: MachineSpeed;
  /**
   * Takes note of how long a job ran. One that was faster than predicted shows that the machine is: whoever
   * measured its speed was disturbed. A slow one shows nothing, it may have been disturbed itself.
   */
  learn(job: FibonacciJob, runMs: number): void;
}

/** What compressing takes, in milliseconds a digit. */
const ENCODING_MS: Readonly<Record<Coding, number>> = { gzip: 5e-6, br: 2.3e-5 };

/** Shorter runs are outside of what estimates are good for. */
const LEARN_FROM_MS = 1;

/** Makes an {@linkcode Estimator} whose speed is not known yet. */
export function estimator(): Estimator {
  const estimate: Estimator = Object.assign(
    ({ n, algorithm, encoding }: FibonacciJob) =>
      estimateMs(n, algorithm, estimate.speed) +
      (encoding ? digitCount(n) * ENCODING_MS[encoding.coding] : 0),
    {
      speed: REFERENCE_SPEED,
      learn(job: FibonacciJob, runMs: number) {
        // How much of it was compressing, nobody told.
        if (job.encoding) return;
        const factor = estimate(job) / runMs;
        if (runMs < LEARN_FROM_MS || factor <= 1) return;
        const { speed } = estimate;
        estimate.speed = { ...speed, [job.algorithm]: speed[job.algorithm] * factor };
      },
    },
  );
  return estimate;
}

/** @throws {InfeasibleError} If the job alone takes longer than it may. */
export function requireFeasible(estimatedMs: number, deadlineMs = Infinity): void {
  if (estimatedMs > deadlineMs) throw new InfeasibleError(estimatedMs, deadlineMs);
}
