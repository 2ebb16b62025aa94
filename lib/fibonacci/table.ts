import type { Algorithm } from "./algorithm.ts";
import * as list from "./algorithms/mod.ts";

/** The name of an algorithm. */
export type AlgorithmName = (typeof list)[keyof typeof list]["name"];

const listed: readonly Algorithm[] = Object.values(list).sort((a, b) => a.maxN - b.maxN);

/** The algorithms by name, slowest first. */
export const ALGORITHMS = Object.fromEntries(
  listed.map((algorithm) => [algorithm.name, algorithm]),
) as Readonly<Record<AlgorithmName, Algorithm>>;

/** The names in the table, slowest first. */
export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as readonly AlgorithmName[];

/** The default algorithm: the fastest one. */
export const DEFAULT_ALGORITHM: AlgorithmName = "fast-doubling";

/** Whether a text is the name of an algorithm. `"toString"` is none. */
export function isAlgorithmName(text: string): text is AlgorithmName {
  return Object.hasOwn(ALGORITHMS, text);
}

/** Makes an object with a value for each algorithm. */
export function forEachAlgorithm<T>(make: (name: AlgorithmName) => T): Record<AlgorithmName, T> {
  const entries = ALGORITHM_NAMES.map((name) => [name, make(name)]);
  return Object.fromEntries(entries) as Record<AlgorithmName, T>;
}

/**
 * Imports the kernels that make algorithms fast. Before it has resolved, the digits are the same, and large numbers take
 * up to thirty times as long. Estimates don't need it.
 */
export async function loadKernels(): Promise<void> {
  await Promise.all(listed.map((algorithm) => algorithm.loadKernel?.()));
}
