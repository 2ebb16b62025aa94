import type { AlgorithmName } from "../fibonacci/mod.ts";
import type { Coding } from "../hono/negotiation.ts";

export type { Coding } from "../hono/negotiation.ts";

/** What is asked: the n-th Fibonacci number, F(0) = 0 and F(1) = 1, by one algorithm. */
export interface FibonacciJob {
  /** Index of the number: an integer, 0 or greater. */
  readonly n: number;
  /** How it is to be computed. The digits are the same whatever the algorithm. */
  readonly algorithm: AlgorithmName;
  /** How the digits are to be compressed where they are computed. Default: not at all. */
  readonly coding?: Coding;
}

/**
 * Decimal digits: short ones as text, which threads and responses take for less; long ones as ASCII bytes,
 * which can be moved and not copied. Either has a `length`. Shared with other callers: never write to it.
 */
export type Digits = string | Uint8Array<ArrayBuffer>;
