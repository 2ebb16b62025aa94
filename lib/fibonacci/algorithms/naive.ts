import type { Algorithm, Checkpoint } from "../algorithm.ts";
import { toDigits, toDigitsMs } from "../digits.ts";

/**
 * Subtrees of the recursion up to this n run without a checkpoint, for about half a millisecond. Each 1 more would delay
 * the end of a cancelled call by a factor of 1.6; less would slow down the recursion.
 */
const UNCHECKED_N = 25;

const PHI = (1 + Math.sqrt(5)) / 2;
/** The time of one call of the recursion on the reference machine. */
const CALL_MS = 2.3e-6;

/** F(n) by its definition, in two recursive calls for each number. It stands for any slow function. */
export const naive = {
  name: "naive",
  label: "naive",
  description: "the definition, recursively: 1.6 times as long for each n more, up to 78",
  // The last F(n) that a double holds exactly. At 60 it takes hours, at 78 two years.
  maxN: 78,
  probeN: 25,
  compute: (n, checkpoint) => toDigits(checked(n, checkpoint), checkpoint),
  // 2F(n+1) - 1 calls.
  computeMs: (n) => CALL_MS * 2 * PHI ** (n + 1) / Math.sqrt(5) + toDigitsMs(n),
} as const satisfies Algorithm;

function checked(n: number, checkpoint: Checkpoint): number {
  checkpoint();
  if (n <= UNCHECKED_N) return recurse(n);
  return checked(n - 1, checkpoint) + checked(n - 2, checkpoint);
}

function recurse(n: number): number {
  return n < 2 ? n : recurse(n - 1) + recurse(n - 2);
}
