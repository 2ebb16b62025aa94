import { type HistogramSnapshot, quantile } from "../../pool/histogram.ts";
import type { StatsEvent } from "../../hono/mod.ts";

/** How many events are remembered: a minute's. */
const KEPT = 61;
/** Seconds over which something is counted for a rate. One would be restless. */
const RATE_S = 3;
/** Seconds whose calls make a quantile. */
const QUANTILE_S = 10;

/** Events come every second: without any for so long, nobody looked. */
const PAUSE_MS = 5_000;

/** Two quantiles of a duration, in milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** What the numbers beside the picture say. `undefined` where there was nothing to measure. */
export interface Reading {
  readonly answersPerS: number;
  readonly refusedPerS: number;
  readonly wait: Quantiles | undefined;
  readonly run: Quantiles | undefined;
  /** The latest the event loop was in the last second, in milliseconds. */
  readonly lagMs: number;
  /** Of all calls lately, from 0 to 1. */
  readonly hitRate: number | undefined;
}

/** Makes readings of what a service has counted since its start. */
export class Readings {
  #events: StatsEvent[] = [];
  #history: Reading[] = [];

  /** Takes in an event. */
  add(event: StatsEvent): Reading {
    const last = this.#events.at(-1);
    // Counters that begin anew have no difference to the old ones, and a pause is no slow second.
    if (last && (last.instance !== event.instance || event.now - last.now > PAUSE_MS)) {
      this.#events = [];
      this.#history = [];
    }
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
    const reading = this.#read(event);
    this.#history.push(reading);
    if (this.#history.length > KEPT) this.#history.shift();
    return reading;
  }

  /** The readings of the last minute without a pause, the latest last. */
  get history(): readonly Reading[] {
    return this.#history;
  }

  #read(event: StatsEvent): Reading {
    const before = this.#before(event, RATE_S);
    const seconds = (event.now - before.now) / 1000 || 1;
    const cache = cacheCalls(event);
    const cacheBefore = cacheCalls(before);
    const calls = cache.all - cacheBefore.all;
    return {
      answersPerS: (answered(event) - answered(before)) / seconds,
      refusedPerS: (refused(event) - refused(before)) / seconds,
      wait: this.#quantiles(event, "waitMs"),
      run: this.#quantiles(event, "runMs"),
      lagMs: event.eventLoopLag.lastSecond.maxMs,
      hitRate: calls === 0 ? undefined : (cache.hits - cacheBefore.hits) / calls,
    };
  }

  #quantiles(event: StatsEvent, name: "waitMs" | "runMs"): Quantiles | undefined {
    const after = event.pool?.[name];
    const before = this.#before(event, QUANTILE_S).pool?.[name];
    if (!after || !before || after.count === before.count) return undefined;
    const lately = difference(after, before);
    return { p50: quantile(lately, 0.5), p99: quantile(lately, 0.99) };
  }

  #before(event: StatsEvent, seconds: number): StatsEvent {
    return this.#events.find(({ now }) => now >= event.now - seconds * 1000 - 500) ?? event;
  }
}

/** How many answers were given: all or part of what was asked for, and that the client has it. */
export function answered({ answers }: StatsEvent): number {
  const given = Object.entries(answers).filter(([status]) => /^2|^304$/.test(status));
  return given.reduce((sum, [, count]) => sum + count, 0);
}

/** How often a request was refused for want of room. */
export function refused({ answers }: StatsEvent): number {
  return answers[503] ?? 0;
}

/** How many calls the cache has seen, and how many of them it had the answer to. */
export function cacheCalls({ cache }: StatsEvent): { readonly all: number; readonly hits: number } {
  if (!cache) return { all: 0, hits: 0 };
  const { hits, shared, misses, bypassed } = cache;
  return { all: hits + shared + misses + bypassed, hits };
}

function difference(after: HistogramSnapshot, before: HistogramSnapshot): HistogramSnapshot {
  return {
    bounds: after.bounds,
    counts: after.counts.map((count, i) => count - before.counts[i]),
    count: after.count - before.count,
    sum: after.sum - before.sum,
  };
}
