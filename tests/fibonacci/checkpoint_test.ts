import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { DECIMAL_FROM } from "../../lib/fibonacci/algorithms/fast_doubling.ts";
import { type AlgorithmName, fibonacci, loadKernels } from "../../lib/fibonacci/mod.ts";

await loadKernels();

function countCheckpoints(n: number, algorithm: AlgorithmName): number {
  let calls = 0;
  fibonacci(n, algorithm, () => calls++);
  return calls;
}

Deno.test("fibonacci() checks seldom where numbers are small by iterative", () => {
  assertLess(countCheckpoints(10_000, "iterative"), 10);
});

Deno.test("fibonacci() calls the checkpoint at each binary doubling and before decimals", () => {
  // One for each bit of n, the last of them before the last multiplication, and one for decimals.
  for (const n of [1, 2, 3, 1_000, DECIMAL_FROM - 1]) {
    assertEquals(countCheckpoints(n, "fast-doubling"), n.toString(2).length + 1);
  }
});

Deno.test("fibonacci() checks between the subtrees of n = 25 by naive", () => {
  // No more than F(30) / F(25) of the work may lie between two checks.
  assertGreater(countCheckpoints(30, "naive"), 832_040 / 75_025);
});
