import { digitCount } from "../digit_count.ts";
import { errorBound } from "./bound.ts";
import { planShape } from "./plan.ts";

/**
 * Digits in a limb: 5 and 4 are what {@linkcode errorBound} allows up to n = 1.5 and 100 million. A digit
 * less makes all transforms longer by a fourth or a third. Errors really seen stay a thousand times below
 * the bound, and 5 digits would do at 100 million: but that would be luck where this is proof.
 */
const WIDTHS = [5, 4, 3] as const;

/**
 * The largest index: its transforms need angles half as fine as `rootOfUnity()` tells apart. The heap takes
 * 1.4 GB, seven times as much as the digits.
 */
const MAX_N = 1_000_000_000;

/**
 * How many decimal digits a limb has for F(n), as many as can be proved right. Digits behave as if they were
 * random: the sum of the squares of balanced limbs is a twelfth of their number times the square of the
 * base, give or take little. Whether it is, is looked at again when they are known.
 *
 * @returns Nothing beyond n = 10^9.
 */
export function limbWidth(n: number): number | undefined {
  if (n > MAX_N) return undefined;
  return WIDTHS.find((width) => {
    const limbs = productLimbs(n, width);
    // Six standard deviations of the sum.
    const margin = 1 + 6 * Math.sqrt(0.8 / limbs);
    const squares = margin * limbs / 2 * 10 ** (2 * width) / 12;
    return squares * errorBound(planShape(limbs)) < 0.5;
  });
}

/** Limbs of a product that makes F(n): room for both factors, and for L(n) and F(n + 1) as well. */
export function productLimbs(n: number, width: number): number {
  const digitsOfFactor = digitCount(Math.floor(n / 2) + 2) + 1;
  return 2 * (Math.ceil(digitsOfFactor / width) + 1);
}
