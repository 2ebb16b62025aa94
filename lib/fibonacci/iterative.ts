import type { Checkpoint } from "./checkpoint.ts";
import { fromDecades } from "./decades.ts";

/**
 * An addition costs as much as this many more indices do through the bits they add to the numbers: the
 * allocation of its result against the copying.
 */
const FIXED_COST = 1_000;
/**
 * Work between two checkpoints, in the same unit: 0.3 to 0.8 ms at any size. More would make a cancelled
 * call linger; less would call a checkpoint more often than anybody acts on it, and slow down small n.
 */
const STRETCH_COST = 30_000_000;

/** F(n) by n additions, whose numbers grow: time is quadratic in n. */
export function iterative(n: number, checkpoint: Checkpoint): bigint {
  let current = 0n;
  let next = 1n;
  for (let i = 0; i < n;) {
    checkpoint();
    const stop = Math.min(n, i + Math.ceil(STRETCH_COST / (FIXED_COST + i)));
    for (; i < stop; i++) {
      const sum = current + next;
      current = next;
      next = sum;
    }
  }
  return current;
}

/** @returns Milliseconds {@linkcode iterative} takes on the reference machine. */
export const iterativeMs: (n: number) => number = fromDecades([
  0.0002, // n = 1
  0.0002,
  0.0007,
  0.016,
  0.56,
  49,
  6_000,
  900_000, // n = 10^7
]);
