import type { Checkpoint } from "./algorithm.ts";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  isAlgorithmName,
} from "./table.ts";

/**
 * Computes the n-th Fibonacci number. F(0) = 0, F(1) = 1. Blocks the thread for about {@linkcode estimateMs}, once
 * {@linkcode loadKernels} has resolved.
 *
 * @param n An integer from 0 to the algorithm's `maxN`.
 * @param algorithm How to compute it. The digits are the same by all algorithms.
 * @param checkpoint Called about once a millisecond. What it throws is thrown here, and the work so far is lost. It is
 * called later while a large iterative result is converted to decimal (20 ms at n = 10^6, 400 ms at 10^7), and during
 * steps of fast doubling at n = 10^9 (5 ms).
 * @returns The decimal digits in ASCII, in a buffer of exactly their length, which the caller may transfer.
 * @throws {TypeError} If n is not a number or there is no such algorithm.
 * @throws {RangeError} If n is not an integer, negative, or above the algorithm's `maxN`.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { fibonacci } from "./mod.ts";
 *
 * const digits = fibonacci(33);
 * assertEquals(new TextDecoder().decode(digits), "3524578");
 * assertEquals(fibonacci(33, "naive"), digits);
 *
 * const cancelled = AbortSignal.abort(new Error("no longer wanted"));
 * assertThrows(
 *   () => fibonacci(1_000_000, "iterative", () => cancelled.throwIfAborted()),
 *   Error,
 *   "no longer wanted",
 * );
 * ```
 */
export function fibonacci(
  n: number,
  algorithm: AlgorithmName = DEFAULT_ALGORITHM,
  checkpoint: Checkpoint = nothing,
): Uint8Array<ArrayBuffer> {
  if (typeof n !== "number") throw new TypeError(`n must be a number, got ${seen(n)}`);
  // A list of one name would be taken for the name.
  if (typeof algorithm !== "string" || !isAlgorithmName(algorithm)) {
    throw new TypeError(
      `Algorithm must be one of ${ALGORITHM_NAMES.join(", ")}, got ${seen(algorithm)}`,
    );
  }
  const { compute, maxN } = ALGORITHMS[algorithm];
  if (!Number.isInteger(n) || n < 0 || n > maxN) {
    throw new RangeError(`n must be an integer from 0 to ${maxN} for ${algorithm}, got ${n}`);
  }
  return compute(n, checkpoint);
}

function nothing(): void {}

/** Shows a value of the wrong type: a text as it is, else the type. */
function seen(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : value === null ? "null" : typeof value;
}
