import type { Algorithm, Checkpoint } from "../algorithm.ts";
import { binaryDoubling } from "../binary_doubling.ts";
import { fromDecades } from "../decades.ts";
import { toDigits } from "../digits.ts";

/**
 * From which n on decimal arithmetic is used. It is faster from 20,000 on: binary arithmetic with its conversion takes
 * twice as long at 40,000, and four times at 100,000. But the first decimal answer of a thread takes 5 to 10 ms, until
 * everything is compiled. A thread that gets only small numbers need not pay that.
 */
export const DECIMAL_FROM = 30_000;

/** Computes in decimal arithmetic, or returns nothing if it can't. */
type DecimalDoubling = (n: number, checkpoint: Checkpoint) => Uint8Array<ArrayBuffer> | undefined;

/** The kernel, if it is loaded and the engine can run it. */
let decimalDoubling: DecimalDoubling | undefined;

/**
 * F(n) by doubling the index: in binary arithmetic for a small n, in decimal for a large one. If the kernel is not there,
 * or its digits fail their test, in binary arithmetic too.
 */
export const fastDoubling = {
  name: "fast-doubling",
  label: "fast doubling",
  description: "doubles the index at each step: little more than linear in n, up to 1 billion",
  // V8's bigints end at 2^30 bits, which F(n) passes between n = 1.5 and 1.6 billion. The digits of the round number
  // below that take 209 MB, and 1.4 GB more meanwhile.
  maxN: 1_000_000_000,
  probeN: 100_000,
  compute: (n, checkpoint) => doubling(n, checkpoint, decimalDoubling),
  // Measured from n = 1 to 10^8.
  computeMs: fromDecades([0.0007, 0.0009, 0.0013, 0.0025, 0.034, 0.19, 1.75, 17, 285]),
  async loadKernel() {
    const kernel = await import("../decimal_doubling.ts");
    if (kernel.isSupported()) decimalDoubling = kernel.decimalDoubling;
  },
} as const satisfies Algorithm;

/** Computes the digits of F(n) by decimal arithmetic if n is large and that succeeds, else by binary arithmetic. */
export function doubling(
  n: number,
  checkpoint: Checkpoint,
  decimal: DecimalDoubling | undefined,
): Uint8Array<ArrayBuffer> {
  const digits = n >= DECIMAL_FROM ? decimal?.(n, checkpoint) : undefined;
  return digits ?? toDigits(binaryDoubling(n, checkpoint), checkpoint);
}
