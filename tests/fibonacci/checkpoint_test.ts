import { assertEquals, assertGreater, assertLess, assertStrictEquals } from "@std/assert";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  fibonacci,
} from "../../lib/fibonacci/mod.ts";
import { DECIMAL_FROM } from "../../lib/fibonacci/fast_doubling.ts";

function countCheckpoints(n: number, algorithm: AlgorithmName): number {
  let calls = 0;
  fibonacci(n, algorithm, () => calls++);
  return calls;
}

/** What a function throws, be it an error or not. */
function thrown(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

for (const algorithm of ALGORITHM_NAMES) {
  const n = { naive: 29, iterative: 20_000, "fast-doubling": 20_000 }[algorithm];

  Deno.test(`fibonacci() ends at the checkpoint that throws by ${algorithm}`, () => {
    const reason = { no: "error" };
    const total = countCheckpoints(n, algorithm);
    for (let last = 1; last <= total; last++) {
      let calls = 0;
      const error = thrown(() =>
        fibonacci(n, algorithm, () => {
          if (++calls === last) throw reason;
        })
      );
      assertStrictEquals(error, reason);
      assertEquals(calls, last);
    }
  });

  Deno.test(`fibonacci() is whole after an ended call by ${algorithm}`, () => {
    const expected = fibonacci(n, algorithm);
    thrown(() =>
      fibonacci(n, algorithm, () => {
        throw new Error("stop");
      })
    );
    assertEquals(fibonacci(n, algorithm), expected);
  });

  Deno.test(`fibonacci() calls the checkpoint before it starts by ${algorithm}`, () => {
    assertGreater(countCheckpoints(0, algorithm), 0);
  });
}

// Spacing is proved without a clock: a computation of so many milliseconds on the reference machine has
// at least as many checkpoints, and not so many that they would cost something.

Deno.test("fibonacci() calls the checkpoint every millisecond by naive", () => {
  for (const n of [30, 32, 33]) {
    const expectedMs = ALGORITHMS.naive.computeMs(n);
    assertGreater(countCheckpoints(n, "naive"), expectedMs);
    assertLess(countCheckpoints(n, "naive"), 100 + 10 * expectedMs);
  }
});

Deno.test("fibonacci() calls the checkpoint every millisecond by iterative", () => {
  for (const n of [10_000, 50_000, 100_000]) {
    const expectedMs = ALGORITHMS.iterative.computeMs(n);
    assertGreater(countCheckpoints(n, "iterative"), expectedMs);
    assertLess(countCheckpoints(n, "iterative"), 100 + 10 * expectedMs);
  }
});

Deno.test("fibonacci() checks seldom where numbers are small by iterative", () => {
  assertLess(countCheckpoints(10_000, "iterative"), 10);
});

Deno.test("fibonacci() calls the checkpoint every millisecond by fast-doubling", () => {
  for (const n of [50_000, 1_000_000, 3_000_000]) {
    const expectedMs = ALGORITHMS["fast-doubling"].computeMs(n);
    assertGreater(countCheckpoints(n, "fast-doubling"), 5 * expectedMs);
    assertLess(countCheckpoints(n, "fast-doubling"), 1_000 + 300 * expectedMs);
  }
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
