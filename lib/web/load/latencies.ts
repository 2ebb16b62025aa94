/** Buckets an octave: fine enough to see two humps, coarse enough for a few hundred values. */
const PER_OCTAVE = 4;

/** A bar of a histogram. */
export interface Bucket {
  /** Its bounds, in milliseconds: above `fromMs`, at most `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/**
 * Sorts durations into buckets, each wider than the one before by the same factor.
 *
 * @returns From the first that has any to the last, without a gap; empty if there are no durations.
 */
export function buckets(durationsMs: readonly number[]): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const ms of durationsMs) {
    const index = Math.ceil(Math.log2(Math.max(ms, 0.01)) * PER_OCTAVE);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const first = Math.min(...counts.keys());
  const length = Math.max(...counts.keys()) - first + 1;
  return Array.from({ length }, (_, i) => ({
    fromMs: 2 ** ((first + i - 1) / PER_OCTAVE),
    toMs: 2 ** ((first + i) / PER_OCTAVE),
    count: counts.get(first + i) ?? 0,
  }));
}

/**
 * Reads quantiles off durations, by the nearest rank.
 *
 * @param shares From 0 to 1.
 * @returns One for each share; `undefined` if there are no durations.
 */
export function quantilesOf(
  durationsMs: readonly number[],
  shares: readonly number[],
): (number | undefined)[] {
  const sorted = Float64Array.from(durationsMs).sort();
  return shares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]);
}
