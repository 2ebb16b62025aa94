import type { Refusal } from "./errors.ts";
import { Histogram } from "./histogram.ts";
import { MEAN_WEIGHT, MOST_TIMES, PEAK_DECAY } from "./policy.ts";
import type { PoolStats } from "./stats.ts";

/** The ways in which a call ends. */
export type Ending = Exclude<keyof PoolStats["totals"], "calls" | "restarts" | "wedged">;

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

  /** Counts a call's end. */
  ended(ending: Ending): void {
    this.#totals[ending]++;
  }

  /** Counts why a call was refused. */
  refused(reason: Refusal): void {
    this.#refusals[reason]++;
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
    times.meanMs += (Math.min(runMs, MOST_TIMES * meanMs) - meanMs) * weight;
  }

  /** How long a call of a method runs on average, as far as it is known: to predict how long others wait. */
  meanMs(method: string): number | undefined {
    return this.#runTimes.get(method)?.meanMs;
  }

  /** How long a call of a method may run, as far as it is known: whether it may be sent behind another. */
  peakMs(method: string): number | undefined {
    return this.#runTimes.get(method)?.peakMs;
  }

  /** How long a call of a method runs at least, as far as it is known: whether all of them are long. */
  leastMs(method: string): number | undefined {
    return this.#runTimes.get(method)?.leastMs;
  }

  /** Takes a snapshot of everything counted. */
  snapshot(): Pick<PoolStats, "refusals" | "waitMs" | "runMs" | "transferMs"> & {
    totals: Record<Ending | "calls", number>;
  } {
    return {
      totals: { ...this.#totals },
      refusals: { ...this.#refusals },
      waitMs: this.#waitMs.snapshot(),
      runMs: this.#runMs.snapshot(),
      transferMs: this.#transferMs.snapshot(),
    };
  }
}
