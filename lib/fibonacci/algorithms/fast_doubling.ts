import type { Algorithm } from "../algorithm.ts";
import { binaryDoubling } from "../binary_doubling.ts";
import type { Checkpoint } from "../checkpoint.ts";
import { fromDecades } from "../decades.ts";
import { toDigits } from "../digits.ts";

/**
 * Where decimal arithmetic takes over. Up to here conversion from binary costs less than what transforms
 * cost beside the arithmetic; from n = 20,000 on it is the dearer one (twice as dear at 40,000, fourfold at
 * 100,000). The first decimal answer of a thread takes 5 to 10 ms, though, until everything is compiled,
 * which a thread with small numbers to find only had better not pay.
 */
export const DECIMAL_FROM = 30_000;

/** Computes in decimal arithmetic, or says that it can't. */
type DecimalDoubling = (n: number, checkpoint: Checkpoint) => Uint8Array<ArrayBuffer> | undefined;

/** The kernel, where it is loaded and the engine can run it. */
let decimalDoubling: DecimalDoubling | undefined;

/**
 * F(n) by doubling the index: in binary arithmetic for a small n, in decimal for a large one. Should decimal digits
 * fail their test, or the kernel not be there, it is binary arithmetic.
 */
export const fastDoubling = {
  name: "fast-doubling",
  label: "fast doubling",
  description: "doubles the index at each step: little more than linear in n, up to 1 billion",
  // V8's bigints, in which a wrong answer is computed anew, end at 2^30 bits, which F(n) passes between
  // n = 1.5 and 1.6 billion. The digits of the round number below take 209 MB, and 1.4 GB more meanwhile.
  maxN: 1_000_000_000,
  probeN: 100_000,
  compute: (n, checkpoint) => doubling(n, checkpoint, decimalDoubling),
  computeMs: fromDecades([
    0.0007, // n = 1
    0.0009,
    0.0013,
    0.0025,
    0.034,
    0.19,
    1.75,
    17,
    285, // n = 10^8
  ]),
  async loadKernel() {
    const kernel = await import("../decimal_doubling.ts");
    if (kernel.isSupported()) decimalDoubling = kernel.decimalDoubling;
  },
} as const satisfies Algorithm;

/** The digits of F(n) by decimal arithmetic, if n is large, there is any, and it finds them right; else by binary. */
export function doubling(
  n: number,
  checkpoint: Checkpoint,
  decimal: DecimalDoubling | undefined,
): Uint8Array<ArrayBuffer> {
  const digits = n >= DECIMAL_FROM ? decimal?.(n, checkpoint) : undefined;
  return digits ?? toDigits(binaryDoubling(n, checkpoint), checkpoint);
}
