import type { Plan } from "./plan.ts";
import { ROOT_ERROR } from "./roots.ts";

/** Half a unit in the last place of numbers from 1 to 2: what one rounding may be off, relatively. */
const U = 2 ** -53;

/**
 * A product of complex numbers, rounded, is off by less than the square root of 5 such units; with fused
 * multiply-add by less than 2 (Brent, Percival and Zimmermann 2007; Jeannerod and others 2017).
 */
const PRODUCT = Math.sqrt(5);

/** What a pass adds beside its products with twiddle factors: sums, and products with its own constants. */
const SUMS = { 2: 1, 3: 4.7, 4: 2, 5: 8.1 } as const;

/** The same of the passes that split and merge lanes. */
const SPLIT = 2.5;
const MERGE = 3.8;

/** Polynomials of 4 elements, the worst of them 8 products that come round by x^4 = r. */
const LEAVES = 13.5;

/** The inverse of the length, rounded, and the product with it. */
const SCALE = 2;

/**
 * How far any coefficient of a product can be from the integer it should be: less than this, times the
 * root of the sum of the squares of the limbs of one factor, times that of the other. Below half, rounding
 * finds the integer, whatever the limbs are and however a machine rounds within IEEE 754, fused or not.
 *
 * The argument is that of Percival 2003 ("Rapid multiplication modulo the sum and difference of highly
 * composite numbers", theorem 5.1), with the passes that are really done. All errors are in units of U:
 *
 * 1. Each pass forward is a multiple of a unitary map. Rounding puts its result off by `e` times its norm:
 *    `PRODUCT` and the twiddle factor's own error for the products, `SUMS` for the rest. Over all passes,
 *    e adds up to E.
 * 2. The products of two transforms, added up in absolute value, are off by E for either factor and
 *    `LEAVES`, times the product of the norms (Cauchy and Schwarz).
 * 3. Each result of the inverse is a sum with as many terms as there are products, each term with a factor
 *    of size 1 that gets a relative error of e on each pass: another E.
 *
 * The squares of such small numbers, and the powers of 1 + U, are in the last factor.
 */
export function errorBound(plan: Pick<Plan, "radices" | "levels">): number {
  let passes = 0;
  for (const radix of plan.radices) passes += PRODUCT + ROOT_ERROR + SUMS[radix];
  for (let level = 0; level < plan.levels; level++) {
    passes += PRODUCT + turnedRootError(level) + SUMS[4];
  }
  return (3 * passes + 2 * SPLIT + MERGE + LEAVES + SCALE) * U * (1 + 1e-6);
}

/**
 * The error of a row's twiddle factor: its own of the root that rows share, that of what is added to turn
 * it, in proportion to its size, and that of the sum, half a unit for each component.
 */
function turnedRootError(level: number): number {
  // The root is exactly 1, and the turn at most 2 with errors of 1.6 and 0.8.
  if (level === 0) return 2.3;
  // The third power of half a turn, parted by 4 at each level.
  const turn = 3 * Math.PI / 4 ** (level + 1);
  return ROOT_ERROR + (PRODUCT + 1.1) * turn + Math.SQRT1_2;
}
