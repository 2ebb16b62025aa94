import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Heap, type HeapFactory, limbWidth, wasmHeap } from "../../lib/big_decimal/mod.ts";
import { planShape } from "../../lib/big_decimal/plan.ts";
import { productLimbs } from "../../lib/big_decimal/limb_width.ts";
import { DECIMAL_FROM, doubling } from "../../lib/fibonacci/algorithms/fast_doubling.ts";
import { binaryDoubling } from "../../lib/fibonacci/binary_doubling.ts";
import { decimalDoubling, factorDigits } from "../../lib/fibonacci/decimal_doubling.ts";

function nothing(): void {}

const decoder = new TextDecoder();

function expected(n: number): string {
  return binaryDoubling(n, nothing).toString();
}

function decimal(n: number): string {
  return decoder.decode(decimalDoubling(n, nothing));
}

Deno.test("decimalDoubling() equals binary doubling from 2000 to 6000", () => {
  let [f, next] = [binaryDoubling(2_000, nothing), binaryDoubling(2_001, nothing)];
  for (let n = 2_000; n < 6_000; n++) {
    assertEquals(decimal(n), f.toString(), `${n}`);
    [f, next] = [next, f + next];
  }
});

Deno.test("decimalDoubling() equals binary doubling at small n", () => {
  for (let n = 0; n < 100; n++) assertEquals(decimal(n), expected(n));
});

Deno.test("decimalDoubling() equals binary doubling near powers of two and ten", () => {
  const middles = [12, 13, 14, 15, 16, 17, 18].map((bits) => 2 ** bits);
  for (const middle of [...middles, 10_000, 100_000, 300_000]) {
    for (let n = middle - 2; n <= middle + 2; n++) assertEquals(decimal(n), expected(n), `${n}`);
  }
});

Deno.test("decimalDoubling() equals binary doubling where lengths change", () => {
  let last = 0;
  for (let n = 3_000; n < 150_000; n += 1 + Math.floor(n / 1_000)) {
    const { h } = planShape(productLimbs(factorDigits(n), 5));
    if (h === last) continue;
    last = h;
    for (const m of [n - 1, n]) assertEquals(decimal(m), expected(m), `${m}`);
  }
});

Deno.test("decimalDoubling() equals binary doubling at any n", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), (n) => {
      assertEquals(decimal(n), expected(n));
    }),
    { numRuns: 50 },
  );
});

Deno.test("decimalDoubling() equals binary doubling with shorter limbs", () => {
  for (const n of [2_400_000, 2_400_001]) {
    assertEquals(limbWidth(factorDigits(n)), 4);
    assertEquals(decimal(n), expected(n));
  }
});

Deno.test("decimalDoubling() is whole after a checkpoint has thrown", () => {
  const reason = { no: "error" };
  const n = 50_001;
  let total = 0;
  const whole = decimalDoubling(n, () => total++)!;
  assertEquals(decoder.decode(whole), expected(n));
  for (let last = 1; last <= total; last += 7) {
    let calls = 0;
    try {
      decimalDoubling(n, () => {
        if (++calls === last) throw reason;
      });
    } catch (error) {
      assertStrictEquals(error, reason);
    }
    assertEquals(calls, last);
    assertEquals(decimalDoubling(n, nothing), whole);
  }
});

Deno.test("decimalDoubling() may be called from a checkpoint", () => {
  let inner: Uint8Array | undefined;
  const outer = decimalDoubling(40_000, () => {
    inner ??= decimalDoubling(30_000, nothing);
  });
  assertEquals(decoder.decode(inner), expected(30_000));
  assertEquals(decoder.decode(outer), expected(40_000));
});

Deno.test("decimalDoubling() finds what a faulty machine gets wrong, and doubling() corrects it", () => {
  const n = DECIMAL_FROM + 1;
  for (const [fault, makeFaulty] of Object.entries(FAULTS)) {
    let found: unknown = "not called";
    const digits = doubling(n, nothing, (n, checkpoint) => {
      return found = decimalDoubling(n, checkpoint, makeFaulty);
    });
    assertStrictEquals(found, undefined, fault);
    assertEquals(decoder.decode(digits), expected(n), fault);
  }
});

Deno.test("doubling() asks for decimal arithmetic where it pays, and does without", () => {
  const asked: number[] = [];
  for (const n of [DECIMAL_FROM - 1, DECIMAL_FROM]) {
    const digits = doubling(n, nothing, (n) => void asked.push(n));
    assertEquals(decoder.decode(digits), expected(n));
    assertEquals(doubling(n, nothing, undefined), digits);
  }
  assertEquals(asked, [DECIMAL_FROM]);
});

/** Machines that add 1 to a limb, turn a bit of a coefficient, or lose a number. */
const FAULTS: Readonly<Record<string, HeapFactory>> = {
  "a limb": faulty(({ integers }, limbs) => integers[limbs + 17]++),
  "limbs that cancel in part": faulty(({ integers }, limbs) => {
    integers[limbs + 3] += 7;
    integers[limbs + 4] -= 7;
  }),
  "an outgrown limb": faulty(({ integers }, limbs) => integers[limbs + 17] = 2 ** 30),
  "all limbs": faulty(({ integers }, limbs) => integers.fill(0, limbs, limbs + 100)),
};

function faulty(spoil: (heap: Heap, at: number) => void): HeapFactory {
  return (bytes) => {
    const heap = wasmHeap(bytes);
    let calls = 0;
    const carry: typeof heap.kernel.carry = (...args) => {
      heap.kernel.carry(...args);
      // Of the calls there are, one in the middle.
      if (++calls === 3) spoil(heap, args[6]);
    };
    return { ...heap, kernel: { ...heap.kernel, carry } };
  };
}

Deno.test("decimalDoubling() takes the widest limbs that are proved", () => {
  const widths = [0, 1e5, 1e6, 1.5e6, 3e6, 1e7, 1e8, 1.2e8, 1e9].map((n) =>
    limbWidth(factorDigits(n))
  );
  assertEquals(widths, [5, 5, 5, 5, 4, 4, 4, 3, 3]);
});

Deno.test("decimalDoubling() makes no heap where nothing is proved", () => {
  const makeHeap = () => {
    throw new Error("called");
  };
  assertStrictEquals(decimalDoubling(1.1e9, nothing, makeHeap), undefined);
  assertThrows(() => decimalDoubling(50_000, nothing, makeHeap), Error, "called");
});
