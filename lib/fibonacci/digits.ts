import type { Checkpoint } from "./checkpoint.ts";
import { fromDecades } from "./decades.ts";

const encoder = new TextEncoder();

/**
 * Writes a number, 0 or greater, in decimal.
 *
 * `toString` of a bigint is a single operation: no checkpoint can interrupt it (0.4 s at 2 million
 * digits). Splitting the number by powers of ten ourselves, with checkpoints between, takes 1.6 times as
 * long; what is large and in a hurry is computed in decimal to begin with.
 *
 * @returns The digits in ASCII, in a buffer that holds nothing else, so that it can be transferred.
 */
export function toDigits(
  value: bigint | number,
  checkpoint: Checkpoint,
): Uint8Array<ArrayBuffer> {
  checkpoint();
  const text = value.toString();
  // encode() may leave room behind the text, which a transfer would take along.
  const digits = new Uint8Array(text.length);
  encoder.encodeInto(text, digits);
  return digits;
}

/** @returns Milliseconds {@linkcode toDigits} takes for F(n) on the reference machine. */
export const toDigitsMs: (n: number) => number = fromDecades([
  0.0005, // n = 1
  0.0005,
  0.0006,
  0.0015,
  0.025,
  0.78,
  21,
  400,
  7_300, // n = 10^8
]);
