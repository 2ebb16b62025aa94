import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { binaryDoubling } from "../../../lib/fibonacci/binary_doubling.ts";
import { decimalDoubling } from "../../../lib/fibonacci/decimal/doubling.ts";
import type { Heap, HeapFactory } from "../../../lib/fibonacci/decimal/kernel.ts";
import { limbWidth, productLimbs } from "../../../lib/fibonacci/decimal/limb_width.ts";
import { planShape } from "../../../lib/fibonacci/decimal/plan.ts";
import { corrections, DECIMAL_FROM, fastDoubling } from "../../../lib/fibonacci/fast_doubling.ts";
import { KERNELS, nothing } from "./kernels.ts";

const decoder = new TextDecoder();

function expected(n: number): string {
  return binaryDoubling(n, nothing).toString();
}

for (const [name, makeHeap] of Object.entries(KERNELS)) {
  const decimal = (n: number) => decoder.decode(decimalDoubling(n, nothing, makeHeap));

  Deno.test(`decimalDoubling() equals binary doubling from 2000 to 6000 in ${name}`, () => {
    let [f, next] = [binaryDoubling(2_000, nothing), binaryDoubling(2_001, nothing)];
    for (let n = 2_000; n < 6_000; n++) {
      assertEquals(decimal(n), f.toString(), `${n}`);
      [f, next] = [next, f + next];
    }
  });

  Deno.test(`decimalDoubling() equals binary doubling at small n in ${name}`, () => {
    for (let n = 0; n < 100; n++) assertEquals(decimal(n), expected(n));
  });

  Deno.test(`decimalDoubling() equals binary doubling near powers of two and ten in ${name}`, () => {
    const middles = [12, 13, 14, 15, 16, 17, 18].map((bits) => 2 ** bits);
    for (const middle of [...middles, 10_000, 100_000, 300_000]) {
      for (let n = middle - 2; n <= middle + 2; n++) assertEquals(decimal(n), expected(n), `${n}`);
    }
  });

  Deno.test(`decimalDoubling() equals binary doubling where lengths change in ${name}`, () => {
    let last = 0;
    for (let n = 3_000; n < 150_000; n += 1 + Math.floor(n / 1_000)) {
      const { h } = planShape(productLimbs(n, 5));
      if (h === last) continue;
      last = h;
      for (const m of [n - 1, n]) assertEquals(decimal(m), expected(m), `${m}`);
    }
  });

  Deno.test(`decimalDoubling() equals binary doubling at any n in ${name}`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), (n) => {
        assertEquals(decimal(n), expected(n));
      }),
      { numRuns: 50 },
    );
  });

  Deno.test(`decimalDoubling() equals binary doubling with shorter limbs in ${name}`, () => {
    for (const n of [2_400_000, 2_400_001]) {
      assertEquals(limbWidth(n), 4);
      assertEquals(decimal(n), expected(n));
    }
  });

  Deno.test(`decimalDoubling() is whole after a checkpoint has thrown in ${name}`, () => {
    const reason = { no: "error" };
    const n = 50_001;
    let total = 0;
    const whole = decimalDoubling(n, () => total++, makeHeap)!;
    assertEquals(decoder.decode(whole), expected(n));
    for (let last = 1; last <= total; last += 7) {
      let calls = 0;
      try {
        decimalDoubling(n, () => {
          if (++calls === last) throw reason;
        }, makeHeap);
      } catch (error) {
        assertStrictEquals(error, reason);
      }
      assertEquals(calls, last);
      assertEquals(decimalDoubling(n, nothing, makeHeap), whole);
    }
  });

  Deno.test(`decimalDoubling() may be called from a checkpoint in ${name}`, () => {
    let inner: Uint8Array | undefined;
    const outer = decimalDoubling(40_000, () => {
      inner ??= decimalDoubling(30_000, nothing, makeHeap);
    }, makeHeap);
    assertEquals(decoder.decode(inner), expected(30_000));
    assertEquals(decoder.decode(outer), expected(40_000));
  });

  Deno.test(`fastDoubling() corrects what a faulty machine gets wrong in ${name}`, () => {
    const n = DECIMAL_FROM + 1;
    for (const [fault, makeFaulty] of Object.entries(faults(makeHeap))) {
      const before = corrections();
      assertEquals(decoder.decode(fastDoubling(n, nothing, makeFaulty)), expected(n), fault);
      assertEquals(corrections(), before + 1, fault);
    }
    const before = corrections();
    fastDoubling(n, nothing, makeHeap);
    assertEquals(corrections(), before);
  });
}

/** Machines that add 1 to a limb, turn a bit of a coefficient, or lose a number. */
function faults(makeHeap: HeapFactory): Record<string, HeapFactory> {
  const faulty = (spoil: (heap: Heap, at: number) => void): HeapFactory => (bytes) => {
    const heap = makeHeap(bytes);
    let calls = 0;
    const carry: typeof heap.kernel.carry = (...args) => {
      heap.kernel.carry(...args);
      // Of the calls there are, one in the middle.
      if (++calls === 3) spoil(heap, args[6]);
    };
    return { ...heap, kernel: { ...heap.kernel, carry } };
  };
  return {
    "a limb": faulty(({ integers }, limbs) => integers[limbs + 17]++),
    "limbs that cancel in part": faulty(({ integers }, limbs) => {
      integers[limbs + 3] += 7;
      integers[limbs + 4] -= 7;
    }),
    "an outgrown limb": faulty(({ integers }, limbs) => integers[limbs + 17] = 2 ** 30),
    "all limbs": faulty(({ integers }, limbs) => integers.fill(0, limbs, limbs + 100)),
  };
}

Deno.test("limbWidth() is the largest that is proved", () => {
  const widths = [0, 1e5, 1e6, 1.5e6, 3e6, 1e7, 1e8, 1.2e8, 1e9].map(limbWidth);
  assertEquals(widths, [5, 5, 5, 5, 4, 4, 4, 3, 3]);
  assertStrictEquals(limbWidth(1e9 + 1), undefined);
});

Deno.test("decimalDoubling() makes no heap where nothing is proved", () => {
  const makeHeap = () => {
    throw new Error("called");
  };
  assertStrictEquals(decimalDoubling(1e9 + 1, nothing, makeHeap), undefined);
  assertThrows(() => decimalDoubling(50_000, nothing, makeHeap), Error, "called");
});
