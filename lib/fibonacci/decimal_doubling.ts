import {
  Convolution,
  digitsOf,
  errorBound,
  type HeapFactory,
  limbWidth,
  makePlan,
  PRIMES,
  productLimbs,
  store,
  wasmHeap,
  withWorkspace,
} from "../big_decimal/mod.ts";
import { pair } from "./binary_doubling.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { digitCount } from "./digit_count.ts";
import { lastWeights, weights } from "./identities.ts";
import { fibonacciModulo } from "./modulo.ts";

export { isSupported } from "../big_decimal/mod.ts";

/**
 * The doublings start from numbers of so many digits at most, which come from binary ones: 10 us. Much
 * less would spend as much time on transforms too short to be worth it.
 */
const SEED_DIGITS = 640;

/**
 * The decimal digits of F(n), without a binary number in between: the index is doubled with numbers in a
 * base of some power of ten, multiplied by floating-point FFT, four transforms a step and three for the
 * last:
 *
 * ```text
 * F(2j) = F(j) L(j)        F(2j+1) = (F(2j) + L(2j)) / 2
 * L(2j) = L(j)^2 - 2(-1)^j L(2j+1) = (5F(2j) + L(2j)) / 2
 * ```
 *
 * L are Lucas numbers. That pair has the smallest factors, and so the largest base, of all that take four
 * transforms: its coefficients grow by products of two limbs, those of F(j) and F(j-1) by sums of two or
 * three such products.
 *
 * Before each product the limbs themselves have to prove that rounding can't go wrong
 * ({@linkcode errorBound}); in the end the digits must have the right residues by two primes.
 *
 * @returns The digits; nothing if there is no proof, or the residues are wrong, which takes a fault of
 * the machine or of this code.
 */
export function decimalDoubling(
  n: number,
  checkpoint: Checkpoint,
  makeHeap: HeapFactory = wasmHeap,
): Uint8Array<ArrayBuffer> | undefined {
  const width = limbWidth(factorDigits(n));
  if (width === undefined) return;
  const base = 10 ** width;
  const indices = [n];
  while (indices.length === 1 || digitCount(indices.at(-1)!) > SEED_DIGITS) {
    indices.push(Math.floor(indices.at(-1)! / 2));
  }
  const plans = indices.slice(0, -1).map((k) =>
    makePlan(productLimbs(factorDigits(k), width), checkpoint)
  );
  return withWorkspace(plans, makeHeap, (workspace) => {
    const { heap: { integers }, a, b, x, y } = workspace;
    const seed = indices.length - 1;
    const [f, before] = pair(indices[seed], checkpoint);
    let used = 2 * plans[seed - 1].h;
    for (const at of [x, y]) integers.fill(0, at, at + used);
    const first = seed === 1 && n % 2 === 1 ? f + before : f;
    store(first.toString(), width, integers, x, checkpoint);
    store((f + 2n * before).toString(), width, integers, y, checkpoint);
    for (let step = seed - 1; step >= 0; step--) {
      const { h } = plans[step];
      for (const at of [x, y]) integers.fill(0, at + Math.min(used, 2 * h), at + 2 * h);
      used = 4 * h;
      const convolution = new Convolution(workspace, plans[step], checkpoint);
      const squaresX = convolution.read(x, a);
      const squaresY = convolution.read(y, b);
      const squares = step > 0 ? Math.max(squaresX, squaresY) : Math.sqrt(squaresX * squaresY);
      if (squares * errorBound(plans[step]) >= 0.5) return;
      const [index, half] = [indices[step], indices[step + 1]];
      if (step === 0) {
        convolution.multiply();
        return convolution.write(lastWeights(index, half), base, 2 * b)
          ? finish(n, width, integers.subarray(2 * b, 2 * b + 4 * h), checkpoint)
          : undefined;
      }
      convolution.multiplyAndSquare();
      const [ofX, ofY] = weights(index, half, step === 1 && n % 2 === 1);
      if (!convolution.write(ofX, base, x) || !convolution.write(ofY, base, y)) return;
    }
  });
}

/** The digits of F(n) by its balanced limbs, if they are right. */
function finish(
  n: number,
  width: number,
  limbs: Int32Array,
  checkpoint: Checkpoint,
): Uint8Array<ArrayBuffer> | undefined {
  const length = digitCount(n);
  const residues = PRIMES.map((p) => fibonacciModulo(n, p));
  // A balanced number may have a limb more, if that is 1 and the next one is negative.
  const balanced = limbs.subarray(0, Math.ceil(length / width) + 1);
  const digits = digitsOf(balanced, width, residues, checkpoint);
  return digits?.length === length ? digits : undefined;
}

/** Digits of the factors that make F(n): room for L(n) and F(n + 1) as well. */
export function factorDigits(n: number): number {
  return digitCount(Math.floor(n / 2) + 2) + 1;
}
