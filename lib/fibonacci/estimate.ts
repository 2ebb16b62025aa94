import { type AlgorithmName, ALGORITHMS, forEachAlgorithm } from "./table.ts";

/** How fast a machine runs each algorithm, relative to the reference machine: 2 is twice as fast. Plain data. */
export type MachineSpeed = Readonly<Record<AlgorithmName, number>>;

/** The speed of the machine on which costs were measured. Assumed until {@linkcode calibrate} has run. */
export const REFERENCE_SPEED: MachineSpeed = forEachAlgorithm(() => 1);

/**
 * Predicts how long {@linkcode fibonacci} takes, with the conversion to decimal. Above a millisecond it is good to a
 * factor of two on an otherwise idle machine. Costs under a microsecond.
 *
 * @param n An integer, 0 or greater. It may be above the algorithm's `maxN`.
 * @param speed The machine's, from {@linkcode calibrate}.
 * @returns Milliseconds: above 0, finite, never less for a larger n.
 */
export function estimateMs(
  n: number,
  algorithm: AlgorithmName,
  speed: MachineSpeed = REFERENCE_SPEED,
): number {
  const referenceMs = ALGORITHMS[algorithm].computeMs(n);
  // The naive cost overflows at n = 1,500.
  return Math.min(referenceMs / speed[algorithm], Number.MAX_VALUE);
}
