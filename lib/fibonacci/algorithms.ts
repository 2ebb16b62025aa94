import type { Checkpoint } from "./checkpoint.ts";
import { toDigits, toDigitsMs } from "./digits.ts";
import { fastDoubling, fastDoublingMs } from "./fast_doubling.ts";
import { iterative, iterativeMs } from "./iterative.ts";
import { naive, naiveMs } from "./naive.ts";

/** The algorithms by name, slowest first. */
export type AlgorithmName = "naive" | "iterative" | "fast-doubling";

/** One way to compute a Fibonacci number. */
export interface Algorithm {
  /** What it is, in one line for humans. */
  readonly summary: string;
  /** The largest n it is meant for. */
  readonly maxN: number;
  /**
   * Computes the decimal digits of F(n), for an integer n from 0 to `maxN`, calling `checkpoint` as it goes.
   * The digits are ASCII, in a buffer of their own.
   */
  readonly compute: (n: number, checkpoint: Checkpoint) => Uint8Array<ArrayBuffer>;
  /** Milliseconds `compute` takes on the reference machine: above 0, never less for a larger n. */
  readonly computeMs: (n: number) => number;
}

/** The one table of the algorithms: names, limits, text and code. */
export const ALGORITHMS: Readonly<Record<AlgorithmName, Algorithm>> = {
  naive: {
    summary: "the definition, recursively: 1.6 times as long for each n more, up to 78",
    // The last F(n) that a double holds exactly. At 60 it takes hours, at 78 two years.
    maxN: 78,
    compute: (n, checkpoint) => toDigits(naive(n, checkpoint), checkpoint),
    computeMs: (n) => naiveMs(n) + toDigitsMs(n),
  },
  iterative: {
    summary: "n additions: quadratic in n, up to 10 million",
    // A quarter of an hour, in additions of up to 0.25 ms. Much beyond, a single one would outlast the
    // millisecond that a cancelled call is given.
    maxN: 10_000_000,
    compute: (n, checkpoint) => toDigits(iterative(n, checkpoint), checkpoint),
    computeMs: (n) => iterativeMs(n) + toDigitsMs(n),
  },
  "fast-doubling": {
    summary: "doubles the index at each step: little more than linear in n, up to 1 billion",
    // V8's bigints, in which a wrong answer is computed anew, end at 2^30 bits, which F(n) passes between
    // n = 1.5 and 1.6 billion. The digits of the round number below take 209 MB, and 1.4 GB more meanwhile.
    maxN: 1_000_000_000,
    compute: fastDoubling,
    computeMs: fastDoublingMs,
  },
};

/** The names in the table, slowest first. */
export const ALGORITHM_NAMES: readonly AlgorithmName[] = Object.keys(
  ALGORITHMS,
) as AlgorithmName[];

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
