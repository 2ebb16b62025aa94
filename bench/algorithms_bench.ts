/**
 * What is computed, without any pool: each benchmark times whole calls on one thread. Groups differ in n;
 * within a group, the first is the baseline.
 *
 * ```sh
 * deno bench bench/algorithms_bench.ts
 * ```
 *
 * @module
 */

import { binaryDoubling } from "../lib/fibonacci/binary_doubling.ts";
import { toDigits } from "../lib/fibonacci/digits.ts";
import {
  type AlgorithmName,
  ALGORITHMS,
  type Checkpoint,
  digitCount,
  estimateMs,
  fibonacci,
  loadKernels,
} from "../lib/fibonacci/mod.ts";

await loadKernels();

function nothing(): void {}

/** Takes every result: the compiler leaves out a bigint multiplication whose result nobody uses. */
let _sink: unknown;
function keep(result: unknown): void {
  _sink = result;
}

/** The post's own function, with no checkpoint anywhere: what the checks are measured against. */
function post(n: number): number {
  return n < 2 ? n : post(n - 1) + post(n - 2);
}

// The checkpoint that the pool uses looks at a shared cell.
const token = new Int32Array(new SharedArrayBuffer(4));
function look(): void {
  if (Atomics.load(token, 0) !== 0) throw new Error("Cancelled");
}

// Whole calls, from the number to its digits.
const SIZES: Record<number, AlgorithmName[]> = {
  20: ["fast-doubling", "iterative", "naive"],
  25: ["fast-doubling", "iterative", "naive"],
  30: ["fast-doubling", "iterative", "naive"],
  100: ["fast-doubling", "iterative"],
  1_000: ["fast-doubling", "iterative"],
  10_000: ["fast-doubling", "iterative"],
  100_000: ["fast-doubling", "iterative"],
  1_000_000: ["fast-doubling"],
};
for (const [size, algorithms] of Object.entries(SIZES)) {
  const n = Number(size);
  algorithms.forEach((algorithm, i) => {
    Deno.bench({
      name: `${algorithm} ${n}`,
      group: `F(${n})`,
      baseline: i === 0,
      fn: () => keep(fibonacci(n, algorithm)),
    });
  });
}

// Where the time of the fastest would go without decimal arithmetic: the number, or its digits.
for (const n of [1_000, 10_000, 100_000, 1_000_000]) {
  const value = binaryDoubling(n, nothing);
  const group = `parts of F(${n})`;
  Deno.bench({
    name: `number ${n}`,
    group,
    baseline: true,
    fn: () => keep(binaryDoubling(n, nothing)),
  });
  Deno.bench({ name: `digits ${n}`, group, fn: () => keep(toDigits(value, nothing)) });
  Deno.bench({ name: `both ${n}`, group, fn: () => keep(fibonacci(n)) });
}

// What it costs that a running call can be cancelled.
Deno.bench({
  name: "the post's",
  group: "checkpoints in naive 30",
  baseline: true,
  fn: () => keep(post(30)),
});
for (
  const [name, checkpoint] of [["empty", nothing], ["token", look]] as [string, Checkpoint][]
) {
  Deno.bench({
    name: `checkpoint: ${name}`,
    group: "checkpoints in naive 30",
    fn: () => keep(ALGORITHMS.naive.compute(30, checkpoint)),
  });
}

// What is asked before each call; nothing here may cost more than microseconds.
Deno.bench({
  name: "estimateMs",
  group: "forecasts",
  fn: () => keep(estimateMs(1_234_567, "fast-doubling")),
});
Deno.bench({ name: "digitCount", group: "forecasts", fn: () => keep(digitCount(1_234_567)) });
