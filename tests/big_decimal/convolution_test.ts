import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { errorBound } from "../../lib/big_decimal/bound.ts";
import { Convolution, type Weights } from "../../lib/big_decimal/convolution.ts";
import { makePlan, planShape } from "../../lib/big_decimal/plan.ts";
import { wasmHeap } from "../../lib/big_decimal/wasm_heap.ts";
import { withWorkspace } from "../../lib/big_decimal/workspace.ts";

function nothing(): void {}

const PRODUCT: Weights = { alpha: 2, beta: 0, plus: 0 };
const SQUARE: Weights = { alpha: 0, beta: 2, plus: 0 };

interface Result {
  /** Of x * y before they were rounded. */
  readonly coefficients: Float64Array;
  /** What the weights make of x * y and y * y; no limbs where they didn't fit. */
  readonly limbs: (Int32Array | undefined)[];
  /** What the sums of the squares of the limbs are said to be. */
  readonly squares: number[];
}

/** Multiplies x and y, or y by itself as well if there are several weights. */
function convolve(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  base: number,
  ...weights: Weights[]
): Result {
  const plan = makePlan(2 * Math.max(x.length, y.length), nothing);
  const { h } = plan;
  return withWorkspace([plan], wasmHeap, (workspace) => {
    const { heap: { integers, doubles }, a, b } = workspace;
    integers.fill(0, workspace.x, workspace.x + 2 * h);
    integers.fill(0, workspace.y, workspace.y + 2 * h);
    integers.set(x, workspace.x);
    integers.set(y, workspace.y);
    const convolution = new Convolution(workspace, plan, nothing);
    const squares = [convolution.read(workspace.x, a), convolution.read(workspace.y, b)];
    if (weights.length > 1) convolution.multiplyAndSquare();
    else convolution.multiply();
    const coefficients = new Float64Array(4 * h);
    for (let i = 0; i < 4 * h; i++) {
      coefficients[i] = doubles[a + 4 * (i % h) + Math.floor(i / h)] * (2 / h);
    }
    // The limbs of a product take the room of both factors.
    assert(workspace.y + 2 * h <= workspace.x + 4 * h);
    const limbs = weights.map((weight) =>
      convolution.write(weight, base, workspace.x)
        ? integers.slice(workspace.x, workspace.x + 4 * h)
        : undefined
    );
    return { coefficients, limbs, squares };
  });
}

/** The number with such limbs, any of which may be below 0. */
function value(limbs: ArrayLike<number> | undefined, width: number): bigint {
  assert(limbs);
  const base = 10 ** width;
  let carry = 0;
  const parts: string[] = [];
  for (let i = 0; i < limbs.length; i++) {
    const sum = limbs[i] + carry;
    carry = Math.floor(sum / base);
    parts.push(String(sum - carry * base).padStart(width, "0"));
  }
  const text = parts.reverse().join("");
  return BigInt(text) + BigInt(carry) * 10n ** BigInt(text.length);
}

function randomLimbs(count: number, limit: number): number[] {
  return Array.from({ length: count }, () => Math.round((2 * Math.random() - 1) * limit));
}

const anyWidth = fc.constantFrom(3, 4, 5);

Deno.test("Convolution multiplies and squares at every length", () => {
  const lengths = new Set<number>();
  for (let limbs = 1; limbs < 2 ** 14; limbs++) lengths.add(4 * planShape(limbs).h);
  assertEquals([...lengths].slice(0, 6), [256, 512, 768, 1024, 1280, 1536]);
  for (const limbs of lengths) {
    const [x, y] = [randomLimbs(limbs / 2, 5_000), randomLimbs(limbs / 2, 5_000)];
    const { limbs: [product, square] } = convolve(x, y, 10_000, PRODUCT, SQUARE);
    assertEquals(value(product, 4), value(x, 4) * value(y, 4));
    assertEquals(value(square, 4), value(y, 4) ** 2n);
  }
});

Deno.test("Convolution multiplies what lies between two lengths", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 700 }), anyWidth, (
      m,
      n,
      width,
    ) => {
      const base = 10 ** width;
      const [x, y] = [randomLimbs(m, base - 1), randomLimbs(n, base - 1)];
      const { limbs: [product], squares } = convolve(x, y, base, PRODUCT);
      assertEquals(value(product, width), value(x, width) * value(y, width));
      assertEquals(
        squares,
        [x, y].map((limbs) => limbs.reduce((sum, limb) => sum + limb ** 2, 0)),
      );
    }),
    { numRuns: 50 },
  );
});

Deno.test("Convolution combines two products", () => {
  const limb = fc.integer({ min: -50_000, max: 50_000 });
  fc.assert(
    fc.property(
      fc.array(limb, { minLength: 100, maxLength: 300 }),
      fc.array(limb, { minLength: 100, maxLength: 300 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (x, y, alpha, beta) => {
        const [p, q] = [value(x, 5) * value(y, 5), value(y, 5) ** 2n];
        const sum = BigInt(alpha) * p + BigInt(beta) * q;
        // What is to be halved is even.
        const plus = Number(sum & 1n);
        const { limbs } = convolve(x, y, 1e5, { alpha, beta, plus }, PRODUCT);
        assertEquals(value(limbs[0], 5), (sum + BigInt(plus)) / 2n);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("Convolution leaves balanced limbs", () => {
  const x = randomLimbs(3_000, 5_000);
  const { limbs: [product] } = convolve(x, x, 10_000, PRODUCT);
  assert(product!.every((limb) => Math.abs(limb) <= 5_000));
});

// The largest limbs, as many of them as the bound allows: lengths with all kinds of radices, rows and columns.
for (
  const [width, count] of [[5, 10_000], [5, 11_500], [4, 100_000], [4, 393_216], [3, 300_000]]
) {
  Deno.test(`Convolution rounds ${count} limbs of ${width} digits rightly`, () => {
    const base = 10 ** width;
    const limb = base / 2;
    const bound = errorBound(planShape(2 * count)) * count * limb * limb;
    assertLess(bound, 0.5);
    for (const alternate of [1, -1]) {
      const x = Int32Array.from({ length: count }, (_, i) => limb * alternate ** i);
      const { coefficients, limbs: [product] } = convolve(x, x, base, PRODUCT);
      let worst = 0;
      const exact = coefficients.map((coefficient, i) => {
        const terms = Math.max(0, Math.min(i + 1, 2 * count - 1 - i));
        const expected = terms * limb * limb * alternate ** i;
        worst = Math.max(worst, Math.abs(coefficient - expected));
        return expected;
      });
      assertLess(worst, bound);
      assert(sameNumber(product!, exact, base));
    }
  });
}

Deno.test("Convolution says when a number does not fit", () => {
  const x = Array.from({ length: 128 }, () => 99_999);
  const tooLarge = { alpha: 2, beta: 1e9, plus: 0 };
  const { limbs } = convolve(x, x, 1e5, tooLarge, tooLarge);
  assertEquals(limbs, [undefined, undefined]);
});

/** Whether two sequences of limbs stand for the same number: their differences all cancel. */
function sameNumber(limbs: ArrayLike<number>, others: ArrayLike<number>, base: number): boolean {
  let carry = 0;
  for (let i = 0; i < others.length; i++) {
    carry = (others[i] - limbs[i] + carry) / base;
    if (!Number.isInteger(carry)) return false;
  }
  return carry === 0;
}
