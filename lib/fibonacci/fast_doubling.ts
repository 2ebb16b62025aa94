import { binaryDoubling } from "./binary_doubling.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { decimalDoubling } from "./decimal/doubling.ts";
import type { HeapFactory } from "./decimal/kernel.ts";
import { fastestHeap } from "./decimal/heap.ts";
import { toDigits } from "./digits.ts";
import { fromDecades } from "./decades.ts";

/**
 * Where decimal arithmetic takes over. Up to here conversion from binary costs less than what transforms
 * cost beside the arithmetic; from n = 20,000 on it is the dearer one (twice as dear at 40,000, fourfold at
 * 100,000). The first decimal answer of a thread takes 5 to 10 ms, though, until everything is compiled,
 * which a thread with small numbers to find only had better not pay.
 */
export const DECIMAL_FROM = 30_000;

let corrected = 0;

/**
 * How many answers of this thread were found wrong and computed anew: 0 as long as the machine does what
 * it should.
 */
export function corrections(): number {
  return corrected;
}

/**
 * The decimal digits of F(n) by doubling the index: in binary arithmetic for a small n, in decimal for a
 * large one. Should the digits fail their test, they are computed once more, in binary.
 */
export function fastDoubling(
  n: number,
  checkpoint: Checkpoint,
  makeHeap: HeapFactory = fastestHeap,
): Uint8Array<ArrayBuffer> {
  if (n >= DECIMAL_FROM) {
    const digits = decimalDoubling(n, checkpoint, makeHeap);
    if (digits) return digits;
    corrected++;
  }
  return toDigits(binaryDoubling(n, checkpoint), checkpoint);
}

/** @returns Milliseconds {@linkcode fastDoubling} takes on the reference machine. */
export const fastDoublingMs: (n: number) => number = fromDecades([
  0.0007, // n = 1
  0.0009,
  0.0013,
  0.0025,
  0.034,
  0.19,
  1.75,
  17,
  285, // n = 10^8
]);
