import type { Refusal } from "./errors.ts";
import { Histogram } from "./histogram.ts";
import type { Expectation } from "./job.ts";
import { MEAN_WEIGHT, MOST_TIMES, PEAK_DECAY } from "./policy.ts";
import { laneOf } from "./queueing/lanes.ts";
import type { PoolStats } from "./stats.ts";

/** The ways in which a call ends. */
export type Ending = Exclude<keyof PoolStats["totals"], "calls" | "restarts" | "wedged">;

/** Larger estimates are cut to this: sums of them must stay finite, so that they can be subtracted again. */
const MAX_ESTIMATE_MS = 1e9;

/**
 * A mean counts as at least this where it bounds what a slow run counts for. A coarse clock says that short runs took
 * no time, and a bound of 0 would keep their mean at 0 for ever.
 */
const LEAST_MEAN_MS = 0.1;

/** What is known of the run times of a method, in milliseconds. */
interface RunTimes {
  runs: number;
  meanMs: number;
  peakMs: number;
  leastMs: number;
}

/** What a pool has counted since it was made. */
export class Meter {
  readonly #totals = {
    calls: 0,
    done: 0,
    failed: 0,
    aborted: 0,
    expired: 0,
    refused: 0,
    crashed: 0,
    closed: 0,
  };
  readonly #refusals: Record<Refusal, number> = { queue: 0, lane: 0, group: 0, wait: 0 };
  readonly #waitMs = new Histogram();
  readonly #runMs = new Histogram();
  readonly #transferMs = new Histogram();
  readonly #runTimes = new Map<string, RunTimes>();

  /** Counts a call. @returns Its number, from 1. */
  called(): number {
    return ++this.#totals.calls;
  }

  ended(ending: Ending): void {
    this.#totals[ending]++;
  }

  refused(reason: Refusal): void {
    this.#refusals[reason]++;
  }

  /** Counts a call that was refused before it was made. */
  refusedBefore(reason: Refusal): void {
    this.called();
    this.ended("refused");
    this.refused(reason);
  }

  /** Counts the times of a call that a worker answered. */
  ran(method: string, waitMs: number, runMs: number, transferMs: number): void {
    this.#waitMs.record(waitMs);
    this.#runMs.record(runMs);
    this.#transferMs.record(transferMs);
    const times = this.#runTimes.get(method);
    if (!times) {
      this.#runTimes.set(method, { runs: 1, meanMs: runMs, peakMs: runMs, leastMs: runMs });
      return;
    }
    const { meanMs, peakMs, leastMs } = times;
    // Up at once and down slowly: a long call that is taken for a short one delays those behind it.
    times.peakMs = Math.max(runMs, peakMs + (runMs - peakMs) * PEAK_DECAY);
    times.leastMs = Math.min(runMs, leastMs + (runMs - leastMs) * PEAK_DECAY);
    // A plain mean at first, then one that forgets old runs.
    const weight = Math.max(MEAN_WEIGHT, 1 / ++times.runs);
    const most = MOST_TIMES * Math.max(meanMs, LEAST_MEAN_MS);
    times.meanMs += (Math.min(runMs, most) - meanMs) * weight;
  }

  /** What to expect of a call: its caller's estimate, or else what its method took. */
  expect(method: string | undefined, estimateMs?: number): Expectation {
    if (estimateMs !== undefined) {
      const ms = Math.min(estimateMs, MAX_ESTIMATE_MS);
      return { costMs: ms, peakMs: ms, lane: laneOf(ms) };
    }
    const times = method === undefined ? undefined : this.#runTimes.get(method);
    return { costMs: times?.meanMs, peakMs: times?.peakMs, lane: laneOf(times?.leastMs) };
  }

  snapshot() {
    return {
      totals: { ...this.#totals },
      refusals: { ...this.#refusals },
      waitMs: this.#waitMs.snapshot(),
      runMs: this.#runMs.snapshot(),
      transferMs: this.#transferMs.snapshot(),
    };
  }
}
