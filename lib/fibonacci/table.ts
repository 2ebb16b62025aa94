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

/** The algorithm for those who name none: the fastest. */
export const DEFAULT_ALGORITHM: AlgorithmName = "fast-doubling";

/**
 * Tells whether a text is the name of an algorithm.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 * import { isAlgorithmName } from "./mod.ts";
 *
 * assert(isAlgorithmName("naive"));
 * assertFalse(isAlgorithmName("toString"));
 * ```
 */
export function isAlgorithmName(text: string): text is AlgorithmName {
  return Object.hasOwn(ALGORITHMS, text);
}

/** Makes an object with something for each algorithm. */
export function forEachAlgorithm<T>(make: (name: AlgorithmName) => T): Record<AlgorithmName, T> {
  const entries = ALGORITHM_NAMES.map((name) => [name, make(name)]);
  return Object.fromEntries(entries) as Record<AlgorithmName, T>;
}

/**
 * Imports the kernels that make algorithms fast. Until it has resolved, digits are the same and large ones take up to
 * thirty times as long. For those who compute, and not for those who only ask what that would cost.
 */
export async function loadKernels(): Promise<void> {
  await Promise.all(listed.map((algorithm) => algorithm.loadKernel?.()));
}
