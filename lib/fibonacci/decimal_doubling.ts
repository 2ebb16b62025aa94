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
import type { Checkpoint } from "./algorithm.ts";
import { digitCount } from "./digit_count.ts";
import { fibonacciModulo, lastWeights, weights } from "./identities.ts";

export { isSupported } from "../big_decimal/mod.ts";

/**
 * The doublings start from numbers of at most so many digits, which binary arithmetic finds in 10 us. With much fewer,
 * transforms that are too short to be worth it would take as long.
 */
const SEED_DIGITS = 640;

/**
 * Computes the decimal digits of F(n) in decimal arithmetic. The index is doubled with numbers whose base is a power of
 * ten, multiplied by floating-point FFT, in four transforms a step and three for the last:
 *
 * ```text
 * F(2j) = F(j) L(j)        F(2j+1) = (F(2j) + L(2j)) / 2
 * L(2j) = L(j)^2 - 2(-1)^j L(2j+1) = (5F(2j) + L(2j)) / 2
 * ```
 *
 * L are Lucas numbers. Of all pairs that take four transforms, this one has the smallest factors and so the largest
 * base: its coefficients grow by products of two limbs, those of F(j) and F(j-1) by sums of two or three products.
 *
 * Before each product, {@linkcode errorBound} has to prove that rounding can't go wrong. In the end the digits must have
 * the right residues by two primes.
 *
 * @returns The digits. Nothing if there is no proof, or if the residues are wrong by a fault of machine or code.
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

/** Makes the digits of F(n) from its balanced limbs. Returns nothing if they are wrong. */
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

/** Returns how many digits the factors of F(n) may have, with room for L(n) and F(n + 1). */
export function factorDigits(n: number): number {
  return digitCount(Math.floor(n / 2) + 2) + 1;
}
