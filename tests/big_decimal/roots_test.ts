import { assert, assertEquals } from "@std/assert";
import { ROOT_ERROR, rootOfUnity } from "../../lib/big_decimal/roots.ts";

/** Fixed-point arithmetic: what is written as 1 is 2^160. */
const PLACES = 160n;
const ONE = 1n << PLACES;

const times = (a: bigint, b: bigint) => (a * b) >> PLACES;

/** pi, by Machin's formula. */
const PI = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);

Deno.test("rootOfUnity() is as near to the circle as it says", () => {
  let worst = 0;
  for (const denominator of [1, 2, 3, 5, 8, 40, 120, 640, 12_345, 5 * 2 ** 20, 33_554_393]) {
    for (let i = 0; i < 120; i++) {
      const numerator = i < 60
        ? i - 30
        : Math.floor(denominator * (i / 60 - 1.5) * Math.SQRT1_2) % 2 ** 26;
      const [cos, sin, cosLess1] = rootOfUnity(numerator, denominator);
      const [c, s] = exactRoot(BigInt(numerator), BigInt(denominator));
      const error = Math.hypot(difference(cos, c), difference(sin, s)) * 2 ** 53;
      worst = Math.max(worst, error);
      // The third part keeps what the first has lost.
      const size = Math.max(Math.abs(cosLess1), 2 ** -100);
      assert(
        Math.abs(difference(cosLess1, c - ONE)) / size < 2 ** -51,
        `${numerator}/${denominator}`,
      );
    }
  }
  assert(worst < ROOT_ERROR, `${worst}`);
});

Deno.test("rootOfUnity() is exact at quarter turns", () => {
  const points = [0, 1, 2, 3, 4, -1].map((quarter) => rootOfUnity(quarter, 4).map((x) => x + 0));
  assertEquals(points, [[1, 0, 0], [0, 1, -1], [-1, 0, -2], [0, -1, -1], [1, 0, 0], [0, -1, -1]]);
});

/** How far a double is from a number in fixed point. */
function difference(double: number, exact: bigint): number {
  // A double is an integer times 2^-(52 + 100) here, or too small to matter.
  return Number(
    BigInt(Math.trunc(double * 2 ** 60)) * (ONE >> 60n) +
      BigInt(Math.trunc((double - Math.trunc(double * 2 ** 60) / 2 ** 60) * 2 ** 150)) *
        (ONE >> 150n) -
      exact,
  ) / Number(ONE);
}

function exactRoot(numerator: bigint, denominator: bigint): [bigint, bigint] {
  const angle = 2n * PI * (numerator % denominator) / denominator;
  let [cos, sin, term] = [0n, 0n, ONE];
  for (let k = 1n; term !== 0n; k++) {
    if (k % 2n === 1n) cos += k % 4n === 1n ? term : -term;
    else sin += k % 4n === 2n ? term : -term;
    term = times(term, angle) / k;
    if (term === -1n) break;
  }
  return [cos, sin];
}

/** arctan(1/x) */
function arctanOfInverse(x: bigint): bigint {
  let sum = 0n;
  for (let power = ONE / x, k = 0n; power > 0n; power /= x * x, k++) {
    sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n);
  }
  return sum;
}
