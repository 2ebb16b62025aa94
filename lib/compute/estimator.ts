import {
  type AlgorithmName,
  digitCount,
  estimateMs,
  type MachineSpeed,
  REFERENCE_SPEED,
} from "../fibonacci/mod.ts";
import { type Clock, systemClock } from "../pool/clock.ts";
import type { Coding, FibonacciJob } from "./job.ts";

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
  /**
   * Takes note that a job was stopped after so long. If that is longer than predicted, its like will not be let in on
   * the same prediction: for a while, this n and those above it are expected to take as long at least.
   *
   * @param job `undefined`, if it is none of those that are estimated.
   */
  overran(job: FibonacciJob | undefined, ranMs: number): void;
}

/** What compressing takes, in milliseconds a digit. */
const ENCODING_MS: Readonly<Record<Coding, number>> = { gzip: 5e-6, br: 2.3e-5 };

/** Shorter runs are outside of what estimates are good for. */
const LEARN_FROM_MS = 1;

/**
 * How long it is remembered that a job overran, in milliseconds. Less would let hopeless jobs in again and again; more
 * would shut out for longer what overran once because the machine was busy with something else.
 */
const REMEMBERED_MS = 300_000;

/** Shorter runs may be late for whatever else the machine did. */
const OVERRUN_FROM_MS = 1_000;

/** How many times a prediction is taken to be too low at most: beyond that it was the machine that was slow. */
const MOST_OVERRUN = 2;

/** A job that was stopped later than it should have been done. */
interface Overrun {
  readonly n: number;
  /** How many times the prediction it ran. */
  readonly factor: number;
  readonly until: number;
}

/** Makes an {@linkcode Estimator} whose speed is not known yet. @param clock Default: the real time. */
export function estimator(clock: Clock = systemClock): Estimator {
  const overruns = new Map<AlgorithmName, Overrun>();

  function predict({ n, algorithm, coding }: FibonacciJob): number {
    return estimateMs(n, algorithm, estimate.speed) +
      (coding ? digitCount(n) * ENCODING_MS[coding] : 0);
  }

  /** What predictions are too low by. */
  function overrunOf({ n, algorithm }: FibonacciJob): number {
    const overrun = overruns.get(algorithm);
    if (!overrun || n < overrun.n) return 1;
    if (clock.now() < overrun.until) return overrun.factor;
    overruns.delete(algorithm);
    return 1;
  }

  const estimate: Estimator = Object.assign(
    (job: FibonacciJob) => predict(job) * overrunOf(job),
    {
      speed: REFERENCE_SPEED,
      learn(job: FibonacciJob, runMs: number) {
        // How much of it was compressing, nobody told.
        if (job.coding) return;
        const factor = predict(job) / runMs;
        if (runMs < LEARN_FROM_MS || factor <= 1) return;
        const { speed } = estimate;
        estimate.speed = { ...speed, [job.algorithm]: speed[job.algorithm] * factor };
      },
      overran(job: FibonacciJob | undefined, ranMs: number) {
        if (!job || ranMs < OVERRUN_FROM_MS) return;
        const factor = Math.min(ranMs / predict(job), MOST_OVERRUN);
        if (factor <= overrunOf(job)) return;
        overruns.set(job.algorithm, { n: job.n, factor, until: clock.now() + REMEMBERED_MS });
      },
    },
  );
  return estimate;
}
