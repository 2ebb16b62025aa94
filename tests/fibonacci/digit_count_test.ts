import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LOG10_PHI, LOG10_SQRT5 } from "../../lib/fibonacci/digit_count.ts";
import { digitCount, fibonacci } from "../../lib/fibonacci/mod.ts";

Deno.test("digitCount() is exact at every n up to 50000", () => {
  let [a, b, digits, limit] = [0n, 1n, 1, 10n];
  for (let n = 0; n <= 50_000; n++) {
    while (a >= limit) [digits, limit] = [digits + 1, limit * 10n];
    assertEquals(digitCount(n), digits);
    [a, b] = [b, a + b];
  }
});

Deno.test("digitCount() equals the length of the digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), (n) => {
      assertEquals(digitCount(n), fibonacci(n).length);
    }),
    { numRuns: 50 },
  );
});

Deno.test("digitCount() is exact where the number of digits changes", () => {
  // The first n of some count of digits: the nearest to a power of ten in its neighbourhood.
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20_000 }), (digits) => {
      const n = firstWith(digits);
      assertEquals(fibonacci(n).length, digits);
      assertEquals(fibonacci(n - 1).length, digits - 1);
    }),
    { numRuns: 50 },
  );
});

Deno.test("digitCount() knows large numbers", () => {
  assertEquals(digitCount(10_000_000), 2_089_877);
  assertEquals(digitCount(100_000_000), 20_898_764);
  assertEquals(digitCount(1_000_000_000), 208_987_640);
});

Deno.test("digitCount() throws RangeError for what is not an index", () => {
  for (const n of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    const error = assertThrows(() => digitCount(n), RangeError);
    assertEquals(error.message, `n must be an integer from 0 to 9007199254740991, got ${n}`);
  }
  assertThrows(() => digitCount("33" as unknown as number), RangeError);
  assertThrows(() => digitCount(33n as unknown as number), RangeError);
});

// That digitCount() is exact for every safe integer takes three steps: its constants are right in all
// their places; no n brings the logarithm as near to an integer as their error; nor as near as F(n) is to
// phi^n / sqrt(5).

const ONE = 10n ** 40n;

Deno.test("digitCount() has its constants right in every place", () => {
  const guard = 10n ** 20n;
  const one = ONE * guard;
  const ln2 = 2n * atanhOfInverse(3n, one);
  const ln5 = 2n * ln2 + 2n * atanhOfInverse(9n, one);
  const ln10 = ln2 + ln5;
  assertEquals(LOG10_PHI, asinhOfHalf(one) * ONE / ln10);
  assertEquals(LOG10_SQRT5, ln5 * ONE / (2n * ln10));
});

Deno.test("digitCount() has places enough for every safe integer", () => {
  const last = BigInt(Number.MAX_SAFE_INTEGER);
  // Rounding the constants down puts the logarithm off by less than n + 1 units of 10^-40, and F(n) differs
  // from phi^n / sqrt(5) by a factor of 1 ± phi^-2n, which is less than 10^-20 from n = 50 on.
  const near = 10n ** 20n;
  assert(last + 1n < near);
  const first = firstWithin(LOG10_PHI, ONE, LOG10_SQRT5 - near, LOG10_SQRT5 + near);
  assertGreater(first, last);
  // The search does find one where there is one.
  const wide = 10n ** 30n;
  const n = firstWithin(LOG10_PHI, ONE, LOG10_SQRT5 - wide, LOG10_SQRT5 + wide);
  assert(n < last);
  const distance = n * LOG10_PHI % ONE - LOG10_SQRT5;
  assert(distance <= wide && distance >= -wide);
  // The nearest case it finds, as an example: one step apart in n, and one digit apart.
  assertEquals(digitCount(Number(n)) - digitCount(Number(n) - 1), distance < 0n ? 0 : 1);
});

/** The first n whose Fibonacci number has so many digits, by bisection. */
function firstWith(digits: number): number {
  let [below, from] = [0, digits * 5];
  while (from - below > 1) {
    const middle = Math.floor((below + from) / 2);
    if (digitCount(middle) < digits) below = middle;
    else from = middle;
  }
  return from;
}

/** atanh(1/x) in units of 1/one, a little low. */
function atanhOfInverse(x: bigint, one: bigint): bigint {
  let sum = 0n;
  for (let power = one / x, k = 1n; power > 0n; power /= x * x, k += 2n) sum += power / k;
  return sum;
}

/** asinh(1/2), which is ln(phi), in units of 1/one, a little off. */
function asinhOfHalf(one: bigint): bigint {
  let sum = 0n;
  for (let term = one / 2n, k = 0n; term !== 0n; k++) {
    sum += term / (2n * k + 1n);
    term = -term * (2n * k + 1n) / (8n * (k + 1n));
  }
  return sum;
}

/** The least n >= 0 with low <= a * n mod m <= high, for 0 < low <= high < m: Euclid's steps. */
function firstWithin(a: bigint, m: bigint, low: bigint, high: bigint): bigint {
  if (low === 0n) return 0n;
  assert(a > 0n, "There is no such n");
  const turns = (low + a - 1n) / a;
  if (turns * a <= high) return turns;
  // No multiple of a lies between: as many times round m as brings one there.
  const rounds = firstWithin(m % a, a, a - high % a, a - low % a);
  return (low + m * rounds + a - 1n) / a;
}
