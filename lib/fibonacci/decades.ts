/**
 * Makes a cost function of measurements at n = 1, 10, 100, ..., by a power law between two of them and beyond the last
 * one. No single formula would do: the exponent changes with n, by algorithms of multiplication and by caches.
 *
 * @param decades At least two costs, none 0, none less than the one before.
 * @returns The cost of n, never less for a larger one; n below 1 counts as 1.
 */
export function fromDecades(decades: readonly number[]): (n: number) => number {
  const logs = decades.map(Math.log);
  return (n) => {
    const decade = Math.log10(Math.max(n, 1));
    const i = Math.min(Math.floor(decade), logs.length - 2);
    return Math.exp(logs[i] + (decade - i) * (logs[i + 1] - logs[i]));
  };
}
