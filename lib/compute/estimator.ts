import {
  type AlgorithmName,
  digitCount,
  estimateMs,
  type MachineSpeed,
  REFERENCE_SPEED,
} from "../fibonacci/mod.ts";
import { type Clock, systemClock } from "../pool/clock.ts";
import type { Coding, FibonacciJob } from "./job.ts";

/** Predicts how long jobs take on this machine. */
export interface Estimator {
  /** Returns milliseconds, good to a factor of two once `speed` is known. */
  (job: FibonacciJob): number;
  /** The speed of this machine. Default: that of the reference machine. */
  speed: MachineSpeed;
  /**
   * Learns from a run. If it was faster than predicted, the measured speed was too low: something disturbed the
   * measurement. A slow run shows nothing, because it may have been disturbed itself.
   */
  learn(job: FibonacciJob, runMs: number): void;
  /**
   * Learns from a run that was stopped. If it was longer than predicted, this n and those above it are expected to take
   * longer for a while.
   *
   * @param job `undefined` for a call that has no estimate.
   */
  overran(job: FibonacciJob | undefined, ranMs: number): void;
}

/** What compressing takes, in milliseconds a digit. */
const ENCODING_MS: Readonly<Record<Coding, number>> = { gzip: 5e-6, br: 2.3e-5 };

/** Estimates of shorter runs are too rough to learn from. */
const LEARN_FROM_MS = 1;

/**
 * How long an overrun is remembered, in milliseconds. Less would let in hopeless jobs again and again; more would keep
 * out for longer what overran only because the machine was busy.
 */
const REMEMBERED_MS = 300_000;

/** A shorter run may have overrun because the machine did something else. */
const OVERRUN_FROM_MS = 1_000;

/** The largest factor by which predictions are raised. Beyond that the machine was slow, not the prediction low. */
const MOST_OVERRUN = 2;

/** A job that ran longer than predicted. */
interface Overrun {
  readonly n: number;
  /** Its time, as a multiple of the prediction. */
  readonly factor: number;
  readonly until: number;
}

/** Makes an {@linkcode Estimator}. @param clock Default: the real time. */
export function estimator(clock: Clock = systemClock): Estimator {
  const overruns = new Map<AlgorithmName, Overrun>();

  function predict({ n, algorithm, coding }: FibonacciJob): number {
    return estimateMs(n, algorithm, estimate.speed) +
      (coding ? digitCount(n) * ENCODING_MS[coding] : 0);
  }

  /** Returns the factor by which predictions are too low. */
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
        // It is unknown how much of it was compressing.
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
