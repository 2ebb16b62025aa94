/** What every algorithm in the list must do, whatever it is. */

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { ALGORITHM_NAMES, ALGORITHMS, fibonacci, loadKernels } from "../../lib/fibonacci/mod.ts";

await loadKernels();

const decoder = new TextDecoder();

/** F(n) by the recurrence alone, as the independent witness. */
function expected(n: number): string {
  let [f, next] = [0n, 1n];
  for (let i = 0; i < n; i++) [f, next] = [next, f + next];
  return f.toString();
}

for (const algorithm of ALGORITHM_NAMES) {
  const { name, label, description, maxN, probeN, computeMs } = ALGORITHMS[algorithm];

  /** The largest n that takes so many milliseconds at most, on the reference machine. */
  const largestWithin = (ms: number): number => {
    let [n, above] = [0, maxN + 1];
    while (above - n > 1) {
      const middle = Math.floor((n + above) / 2);
      if (computeMs(middle) <= ms) n = middle;
      else above = middle;
    }
    return n;
  };

  const text = (n: number) => decoder.decode(fibonacci(n, algorithm));

  const countCheckpoints = (n: number): number => {
    let calls = 0;
    fibonacci(n, algorithm, () => calls++);
    return calls;
  };

  Deno.test(`${algorithm} has a name, a label and a description of one line`, () => {
    assertEquals(name, algorithm);
    assertMatch(name, /^[a-z]+(-[a-z]+)*$/);
    assertMatch(label, /^[a-z ]{1,20}$/);
    assertMatch(description, /^[^\n]{10,80}[^.\n]$/);
  });

  Deno.test(`${algorithm} starts with the known numbers`, () => {
    assertEquals(
      Array.from({ length: 21 }, (_, n) => text(n)).join(" "),
      "0 1 1 2 3 5 8 13 21 34 55 89 144 233 377 610 987 1597 2584 4181 6765",
    );
    assertEquals(text(33), "3524578");
    assertEquals(text(-0), "0");
  });

  Deno.test(`${algorithm} equals the recurrence as far as it goes in 20 ms`, () => {
    const most = Math.min(largestWithin(20), 100_000);
    for (let n = 0; n < Math.min(most, 500); n += 7) assertEquals(text(n), expected(n), `${n}`);
    for (const part of [0.1, 0.3, 0.7, 1]) {
      const n = Math.floor(part * most);
      assertEquals(text(n), expected(n), `${n}`);
    }
  });

  Deno.test(`${algorithm} goes no further than it says`, () => {
    assert(Number.isSafeInteger(maxN));
    assertEquals(
      assertThrows(() => fibonacci(maxN + 1, algorithm), RangeError).message,
      `n must be an integer from 0 to ${maxN} for ${name}, got ${maxN + 1}`,
    );
  });

  Deno.test(`${algorithm} returns a buffer of its own that can be transferred`, () => {
    for (const n of [0, 33, largestWithin(2)]) {
      const digits = fibonacci(n, algorithm);
      assertEquals([digits.byteOffset, digits.buffer.byteLength], [0, digits.byteLength]);
      const copy = digits.slice();
      assertEquals(structuredClone(digits, { transfer: [digits.buffer] }), copy);
      assertEquals(fibonacci(n, algorithm), copy);
    }
  });

  Deno.test(`${algorithm} calls the checkpoint before it starts, and every millisecond`, () => {
    assertGreater(countCheckpoints(0), 0);
    // Without a clock: work of so many milliseconds has at least as many checkpoints, and not so many that they cost
    // something.
    for (const ms of [5, 10, 20]) {
      const n = largestWithin(ms);
      const expectedMs = computeMs(n);
      assertGreater(countCheckpoints(n), expectedMs);
      assertLess(countCheckpoints(n), 1_000 + 300 * expectedMs);
    }
  });

  Deno.test(`${algorithm} ends at the checkpoint that throws, and is whole afterwards`, () => {
    const reason = { no: "error" };
    const n = largestWithin(2);
    const whole = fibonacci(n, algorithm);
    const total = countCheckpoints(n);
    for (let last = 1; last <= total; last += Math.ceil(total / 20)) {
      let calls = 0;
      try {
        fibonacci(n, algorithm, () => {
          if (++calls === last) throw reason;
        });
        throw new Error("Nothing was thrown");
      } catch (error) {
        assertStrictEquals(error, reason);
      }
      assertEquals(calls, last);
      assertEquals(fibonacci(n, algorithm), whole);
    }
  });

  Deno.test(`${algorithm} has a probe of a fraction of a millisecond`, () => {
    assert(probeN <= maxN);
    assertGreater(computeMs(probeN), 0.1);
    assertLess(computeMs(probeN), 1);
  });
}
