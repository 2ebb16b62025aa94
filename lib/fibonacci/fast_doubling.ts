import { binaryDoubling } from "./binary_doubling.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { decimalDoubling } from "./decimal/doubling.ts";
import type { HeapFactory } from "./decimal/kernel.ts";
import { fastestHeap } from "./decimal/heap.ts";
import { toDigits } from "./digits.ts";
import { fromDecades } from "./decades.ts";

export const DECIMAL_FROM = 40_000;

let corrected = 0;

/** How many answers of this thread were found wrong and computed anew: always 0, on a sound machine. */
export function corrections(): number {
  return corrected;
}

/** F(n) by doubling the index: in binary for a small n, in decimal for a large one. */
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
  0.03,
  0.9,
  5.6,
  53,
  630, // n = 10^8
]);
