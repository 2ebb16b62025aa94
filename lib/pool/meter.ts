import { Histogram } from "./histogram.ts";
import type { PoolStats } from "./stats.ts";

/** The ways in which a call ends. */
export type Ending = Exclude<keyof PoolStats["totals"], "calls" | "restarts" | "wedged">;

/** Weight of the latest run in a method's average, when it took less than the average. */
const DECAY = 1 / 16;

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
  readonly #waitMs = new Histogram();
  readonly #runMs = new Histogram();
  readonly #transferMs = new Histogram();
  readonly #averageMs = new Map<string, number>();

  /** Counts a call. @returns Its number, from 1. */
  called(): number {
    return ++this.#totals.calls;
  }

  /** Counts a call's end. */
  ended(ending: Ending): void {
    this.#totals[ending]++;
  }

  /** Counts the times of a call that a worker answered. */
  ran(method: string, waitMs: number, runMs: number, transferMs: number): void {
    this.#waitMs.record(waitMs);
    this.#runMs.record(runMs);
    this.#transferMs.record(transferMs);
    const average = this.#averageMs.get(method) ?? 0;
    // Up at once and down slowly: to take a long call for a short one holds others up behind it.
    this.#averageMs.set(method, Math.max(runMs, average + (runMs - average) * DECAY));
  }

  /** @returns How long calls of a method ran lately; `undefined` if none has. */
  averageMs(method: string): number | undefined {
    return this.#averageMs.get(method);
  }

  /** Takes a snapshot of everything counted. */
  snapshot(): Pick<PoolStats, "waitMs" | "runMs" | "transferMs"> & {
    totals: Record<Ending | "calls", number>;
  } {
    return {
      totals: { ...this.#totals },
      waitMs: this.#waitMs.snapshot(),
      runMs: this.#runMs.snapshot(),
      transferMs: this.#transferMs.snapshot(),
    };
  }
}
