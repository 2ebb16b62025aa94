import { errorBound } from "./bound.ts";
import { planShape } from "./plan.ts";

/**
 * Digits in a limb: 5 and 4 are what {@linkcode errorBound} allows for factors of up to 157,000 and 10 million digits.
 * A digit less makes all transforms longer by a fourth or a third. Errors really seen stay a thousand times below
 * the bound, and 5 digits would do at 10 million: but that would be luck where this is proof.
 */
const WIDTHS = [5, 4, 3] as const;

/** The narrowest limbs. */
export const LEAST_WIDTH = WIDTHS[2];

/**
 * The most digits of a factor: transforms for twice as many would need finer angles than `rootOfUnity()` tells apart.
 * The heap takes 1.4 GB, seven times as much as the digits of the product.
 */
export const MAX_DIGITS = 104_500_000;

/**
 * How many decimal digits a limb has for factors of so many digits: as many as can be proved right if the digits behave
 * as if they were random. The sum of the squares of balanced limbs is a twelfth of their number times the square of
 * the base then, give or take little. Whether it is has to be looked at again when the limbs are known.
 *
 * @returns Nothing beyond {@linkcode MAX_DIGITS}.
 */
export function limbWidth(digits: number): number | undefined {
  if (digits > MAX_DIGITS) return undefined;
  return WIDTHS.find((width) => {
    const limbs = productLimbs(digits, width);
    // Six standard deviations of the sum.
    const margin = 1 + 6 * Math.sqrt(0.8 / limbs);
    const squares = margin * limbs / 2 * 10 ** (2 * width) / 12;
    return squares * errorBound(planShape(limbs)) < 0.5;
  });
}

/** Limbs of a product whose factors have so many digits each at most: for each one limb more than it fills. */
export function productLimbs(digits: number, width: number): number {
  return 2 * (Math.ceil(digits / width) + 1);
}
