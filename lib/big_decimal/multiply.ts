import type { Checkpoint } from "./checkpoint.ts";
import { errorBound } from "./bound.ts";
import { Convolution, type Weights } from "./convolution.ts";
import { digitsOf } from "./digits_of.ts";
import { LEAST_WIDTH, limbWidth, MAX_DIGITS, productLimbs } from "./limb_width.ts";
import { store } from "./limbs.ts";
import { makePlan } from "./plan.ts";
import { PRIMES, residuesOf } from "./residues.ts";
import { wasmHeap } from "./wasm_heap.ts";
import { withWorkspace } from "./workspace.ts";

const PRODUCT: Weights = { alpha: 2, beta: 0, plus: 0 };

/**
 * Multiplies two decimal numbers, and blocks the thread meanwhile: for 20 ms with factors of a million digits. Below
 * some 1,000 digits `BigInt` is as fast, its conversions included.
 *
 * @param x The first factor: ASCII digits alone, {@linkcode MAX_DIGITS} of them at most.
 * @param y The second factor. A short one costs as much as one that is as long as the other.
 * @param checkpoint What it throws is thrown here.
 * @returns The digits of the product, without zeros in front.
 * @throws {TypeError} If a factor has anything but digits, or none.
 * @throws {RangeError} If the factors are too long to be multiplied with a proof, or for the memory.
 * @throws {WebAssembly.CompileError} Or a `ReferenceError`, if not {@linkcode isSupported}.
 * @throws {Error} If the product is found wrong, which takes a fault of the machine.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { multiply } from "./mod.ts";
 *
 * const nines = "9".repeat(100_000);
 * assertEquals(multiply(nines, nines), String(BigInt(nines) ** 2n));
 * ```
 */
export function multiply(x: string, y: string, checkpoint: Checkpoint = nothing): string {
  for (const factor of [x, y]) {
    if (!/^[0-9]+$/.test(factor)) throw new TypeError("Factors must be decimal digits alone");
  }
  const digits = Math.max(x.length, y.length);
  // The digits may be less random than they are taken to be. Narrower limbs are smaller.
  for (let width = limbWidth(digits) ?? 0; width >= LEAST_WIDTH; width--) {
    const product = multiplied(x, y, width, checkpoint);
    if (product) return new TextDecoder().decode(product);
  }
  throw new RangeError(
    `Factors of ${digits} digits, of ${MAX_DIGITS} at most, can't be multiplied`,
  );
}

/** The digits of the product; nothing if limbs of this width give no proof. */
function multiplied(
  x: string,
  y: string,
  width: number,
  checkpoint: Checkpoint,
): Uint8Array | undefined {
  const base = 10 ** width;
  const plan = makePlan(productLimbs(Math.max(x.length, y.length), width), checkpoint);
  const { h } = plan;
  return withWorkspace([plan], wasmHeap, (workspace) => {
    const { heap: { integers }, a, b } = workspace;
    const [[p, q], [r, s]] = [[x, workspace.x] as const, [y, workspace.y] as const].map(
      ([factor, at]) => {
        const limbs = integers.subarray(at, at + 2 * h).fill(0);
        store(factor, width, limbs, 0, checkpoint);
        return residuesOf(limbs, base, checkpoint);
      },
    );
    const convolution = new Convolution(workspace, plan, checkpoint);
    const squares = convolution.read(workspace.x, a) * convolution.read(workspace.y, b);
    if (Math.sqrt(squares) * errorBound(plan) >= 0.5) return;
    convolution.multiply();
    const limbs = integers.subarray(2 * b, 2 * b + 4 * h);
    const residues = [[p, r], [q, s]].map(([one, other], i) =>
      Number(BigInt(one) * BigInt(other) % BigInt(PRIMES[i]))
    );
    const product = convolution.write(PRODUCT, base, 2 * b)
      ? digitsOf(limbs, width, residues, checkpoint)
      : undefined;
    if (!product) throw new Error("Product is wrong: this machine does not compute as it should");
    return product;
  });
}

function nothing(): void {}
