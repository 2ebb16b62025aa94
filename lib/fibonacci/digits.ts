import type { Checkpoint } from "./algorithm.ts";
import { fromDecades } from "./decades.ts";

const encoder = new TextEncoder();

/**
 * Writes a number, 0 or greater, in decimal.
 *
 * No checkpoint can interrupt `toString` of a bigint (0.4 s at 2 million digits). To split the number by powers of ten,
 * with checkpoints between, would take 1.6 times as long. Fast doubling computes large numbers in decimal instead.
 *
 * @returns The digits in ASCII, in a buffer of their own, so that it can be transferred.
 */
export function toDigits(
  value: bigint | number,
  checkpoint: Checkpoint,
): Uint8Array<ArrayBuffer> {
  checkpoint();
  const text = value.toString();
  // The buffer of encode() may be longer than the text.
  const digits = new Uint8Array(text.length);
  encoder.encodeInto(text, digits);
  return digits;
}

/** Milliseconds {@linkcode toDigits} takes on the reference machine, for n = 1, 10, ..., 10^8. */
const DECADES_MS = [0.0005, 0.0005, 0.0006, 0.0015, 0.025, 0.78, 21, 400, 7_300];

/** Returns the milliseconds {@linkcode toDigits} takes for F(n) on the reference machine. */
export const toDigitsMs: (n: number) => number = fromDecades(DECADES_MS);
