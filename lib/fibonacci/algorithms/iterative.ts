import type { Algorithm, Checkpoint } from "../algorithm.ts";
import { fromDecades } from "../decades.ts";
import { toDigits, toDigitsMs } from "../digits.ts";

/** The fixed cost of an addition, as the number of indices whose added bits cost as much. */
const FIXED_COST = 1_000;
/**
 * The work between two checkpoints, in the same unit: 0.3 to 0.8 ms at any size. More would delay the end of a cancelled
 * call; less would slow down small n.
 */
const STRETCH_COST = 30_000_000;

/** Returns the milliseconds of the additions on the reference machine: measured from n = 1 to 10^7. */
const additionsMs = fromDecades([0.0002, 0.0002, 0.0007, 0.016, 0.56, 49, 6_000, 900_000]);

/** F(n) by n additions, whose numbers grow: time is quadratic in n. */
export const iterative = {
  name: "iterative",
  label: "iterative",
  description: "n additions: quadratic in n, up to 10 million",
  // A quarter of an hour, in additions of up to 0.25 ms. Far beyond it, one addition would take more than the millisecond
  // within which a cancelled call ends.
  maxN: 10_000_000,
  probeN: 10_000,
  compute: (n, checkpoint) => toDigits(add(n, checkpoint), checkpoint),
  computeMs: (n) => additionsMs(n) + toDigitsMs(n),
} as const satisfies Algorithm;

function add(n: number, checkpoint: Checkpoint): bigint {
  let current = 0n;
  let next = 1n;
  for (let i = 0; i < n;) {
    checkpoint();
    // The k that solves k (FIXED_COST + i) + k^2 / 2 = STRETCH_COST: an addition costs more with each index.
    const cost = FIXED_COST + i;
    const stretch = Math.sqrt(cost ** 2 + 2 * STRETCH_COST) - cost;
    const stop = Math.min(n, i + Math.ceil(stretch));
    for (; i < stop; i++) {
      const sum = current + next;
      current = next;
      next = sum;
    }
  }
  return current;
}
