/** A histogram at one moment: plain data. */
export interface HistogramSnapshot {
  /** Upper bounds of the buckets, ascending; the last is `Infinity`, which JSON shows as `null`. */
  readonly bounds: readonly number[];
  /** Values in each bucket: `counts[i]` are above `bounds[i - 1]` and at most `bounds[i]`. */
  readonly counts: readonly number[];
  /** How many values there are in all. */
  readonly count: number;
  /** Their sum, in the unit of the values. */
  readonly sum: number;
}

/**
 * Doubling from 1/64 ms to over a minute. Twice as many bounds would halve the error of a quantile read
 * off them (now at most a factor of two) and double what a snapshot weighs on the event stream.
 */
const BOUNDS_MS: readonly number[] = [
  ...Array.from({ length: 23 }, (_, i) => 2 ** (i - 6)),
  Infinity,
];

/**
 * Counts values in buckets whose bounds double: constant memory, and recording one costs nanoseconds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Histogram, quantile } from "./histogram.ts";
 *
 * const waitMs = new Histogram();
 * for (const value of [0.5, 0.5, 0.5, 100]) waitMs.record(value);
 *
 * assertEquals(waitMs.snapshot().count, 4);
 * assertEquals(quantile(waitMs.snapshot(), 0.75), 0.5);
 * assertEquals(quantile(waitMs.snapshot(), 1), 128);
 * ```
 */
export class Histogram {
  readonly #counts: number[] = BOUNDS_MS.map(() => 0);
  #count = 0;
  #sum = 0;

  /** Counts one value, in milliseconds. */
  record(value: number): void {
    // The bound's exponent is the bucket: 2^(i-6) is the least bound that holds the value.
    const bucket = Math.max(0, Math.ceil(Math.log2(value)) + 6);
    this.#counts[Math.min(bucket, BOUNDS_MS.length - 1)]!++;
    this.#count++;
    this.#sum += value;
  }

  /** Takes a snapshot. */
  snapshot(): HistogramSnapshot {
    return { bounds: BOUNDS_MS, counts: [...this.#counts], count: this.#count, sum: this.#sum };
  }
}

/**
 * Estimates a quantile from a histogram as Prometheus' `histogram_quantile()` does: as if the values in a bucket
 * were evenly spread over it.
 *
 * @param q The share of values at or below the result, from 0 to 1.
 * @returns The estimate, off by the width of a bucket at most. It is never above the last finite bound. 0 if there
 * are no values.
 */
export function quantile({ bounds, counts, count }: HistogramSnapshot, q: number): number {
  let left = q * count;
  if (left === 0) return 0;
  const bucket = bounds.findIndex((_, i) => (left -= counts[i]!) <= 0);
  const lower = bucket > 0 ? bounds[bucket - 1]! : 0;
  const upper = bounds[bucket]!;
  // `left` is not positive here: minus the number of values in the bucket that are above the quantile.
  return upper === Infinity ? lower : upper + left / counts[bucket]! * (upper - lower);
}
