/** Half of pi in three parts; the first two have 26 bits or less, so that products with integers are exact. */
const HALF_PI_1 = 1.57079625129699707031;
const HALF_PI_2 = 7.54978941586159635335e-8;
const HALF_PI_3 = 5.3903028581581190529e-15;

/** Splits a double into two halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/**
 * A point of the unit circle, by the fraction of a turn that leads there.
 *
 * The engine's own `Math.cos` may be as inaccurate as it likes (the language leaves it open), and the
 * product of 2 pi with the fraction would be rounded before it gets there. Here a component is off by
 * 2^-54 for its own rounding, and a sine by at most 0.3 * 2^-53 more, a cosine by a sixth of that.
 *
 * @param numerator Any integer below 2^26 in size.
 * @param denominator An integer above 0 and below 2^26.
 * @returns Cosine, sine, and cosine less 1 (which keeps its own precision where the angle is small).
 */
export function rootOfUnity(
  numerator: number,
  denominator: number,
): [cos: number, sin: number, cosLess1: number] {
  const quarter = Math.round(4 * numerator / denominator);
  const rest = 4 * numerator - quarter * denominator;
  const [cos, sin, cosLess1] = firstOctant(rest, denominator);
  switch (quarter & 3) {
    case 0:
      return [cos, sin, cosLess1];
    case 1:
      return [-sin, cos, -sin - 1];
    case 2:
      return [-cos, -sin, -cos - 1];
    default:
      return [sin, -cos, sin - 1];
  }
}

/** How far {@linkcode rootOfUnity} may be from the point on the circle, in units of 2^-53. */
export const ROOT_ERROR = 0.97;

/** The angle is a quarter turn times numerator / denominator, at most half of it either way. */
function firstOctant(numerator: number, denominator: number): [number, number, number] {
  // The angle in two parts, high + low: what the division leaves over goes into the low part.
  const first = numerator * HALF_PI_1;
  const second = numerator * HALF_PI_2;
  const third = numerator * HALF_PI_3;
  const high = (first + (second + third)) / denominator;
  const [product, productLow] = exactProduct(high, denominator);
  const low = (first - product + (second - productLow) + third) / denominator;
  const [square, squareLow] = exactProduct(high, high);

  const sineSeries = square * high *
    (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square * (1 / 362_880 +
                  square * (-1 / 39_916_800 + square * (1 / 6_227_020_800 +
                          square * (-1 / 1_307_674_368_000 + square / 355_687_428_096_000)))))));
  const sin = high + (sineSeries + low * (1 - square / 2));

  const cosineSeries = square * square *
    (1 / 24 + square * (-1 / 720 + square * (1 / 40_320 + square * (-1 / 3_628_800 +
                  square * (1 / 479_001_600 + square * (-1 / 87_178_291_200 +
                          square * (1 / 20_922_789_888_000 - square / 6_402_373_705_728_000)))))));
  const correction = cosineSeries - squareLow / 2 - high * low;
  const leading = 1 - square / 2;
  const cos = leading + (1 - leading - square / 2 + correction);
  return [cos, sin, correction - square / 2];
}

/** The product of two doubles and what its rounding loses (Dekker), for factors of moderate size. */
function exactProduct(a: number, b: number): [product: number, lost: number] {
  const product = a * b;
  const [aHigh, bHigh] = [SPLITTER * a, SPLITTER * b];
  const a1 = aHigh - (aHigh - a);
  const a2 = a - a1;
  const b1 = bHigh - (bHigh - b);
  const b2 = b - b1;
  return [product, a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2];
}
