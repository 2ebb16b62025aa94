import type { AlgorithmName } from "../fibonacci/mod.ts";
import type { Coding } from "../hono/negotiation.ts";

export type { Coding } from "../hono/negotiation.ts";

/** What to compute: the n-th Fibonacci number by one algorithm. F(0) = 0, F(1) = 1. */
export interface FibonacciJob {
  /** The index of the number: an integer, 0 or greater. */
  readonly n: number;
  /** How to compute it. The digits are the same by all algorithms. */
  readonly algorithm: AlgorithmName;
  /** How the worker compresses the digits. Default: not at all. */
  readonly coding?: Coding;
}

/**
 * Decimal digits. Few digits are text, which is cheap to copy between threads. Many are ASCII bytes, which can be moved.
 * Never write to the bytes: the cache shares them.
 */
export type Digits = string | Uint8Array<ArrayBuffer>;

/** Puts ASCII text around digits. Returns new bytes, in a buffer of exactly their length. */
export function surround(
  before: string,
  digits: Uint8Array,
  after: string,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(before.length + digits.length + after.length);
  const encoder = new TextEncoder();
  encoder.encodeInto(before, bytes);
  bytes.set(digits, before.length);
  encoder.encodeInto(after, bytes.subarray(before.length + digits.length));
  return bytes;
}
