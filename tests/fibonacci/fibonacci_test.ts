import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  fibonacci,
  loadKernels,
} from "../../lib/fibonacci/mod.ts";

await loadKernels();

const decoder = new TextDecoder();

function text(n: number, algorithm?: AlgorithmName): string {
  return decoder.decode(fibonacci(n, algorithm));
}

function value(n: number): bigint {
  return BigInt(text(n));
}

function gcd(a: number, b: number): number;
function gcd(a: bigint, b: bigint): bigint;
function gcd(a: number | bigint, b: number | bigint): number | bigint {
  // deno-lint-ignore no-explicit-any -- the same arithmetic on either type
  return b == 0 ? a : gcd(b as any, (a as any) % (b as any));
}

/** By the recurrence alone, as the independent witness. */
function* fibonacciNumbers(): Generator<bigint> {
  for (let [a, b] = [0n, 1n];; [a, b] = [b, a + b]) yield a;
}

Deno.test("fibonacci() knows F(78), F(100) and F(1000)", () => {
  assertEquals(text(78), "8944394323791464");
  assertEquals(text(100), "354224848179261915075");
  assertEquals(text(1000).length, 209);
  assertEquals(text(1000).slice(0, 10), "4346655768");
  assertEquals(text(1000).slice(-10), "6849228875");
});

Deno.test("fibonacci() computes two million digits", () => {
  const digits = text(10_000_000);
  assertEquals(digits.length, 2_089_877);
  assertEquals(digits.slice(0, 10), "1129834378");
  assertEquals(digits.slice(-10), "6380546875");
});

Deno.test("fibonacci() equals the recurrence at every n up to 2000", () => {
  let n = 0;
  for (const expected of fibonacciNumbers()) {
    assertEquals(text(n), expected.toString());
    if (n++ === 2_000) break;
  }
});

Deno.test("fibonacci() is the sum of the two before", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 20_000 }), (n) => {
    assertEquals(value(n), value(n - 1) + value(n - 2));
  }));
});

Deno.test("fibonacci() keeps greatest common divisors", () => {
  const index = fc.integer({ min: 0, max: 3_000 });
  fc.assert(fc.property(index, index, (m, n) => {
    assertEquals(gcd(value(m), value(n)), value(gcd(m, n)));
  }));
});

Deno.test("fibonacci() gives the same digits by iterative and fast-doubling", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 20_000 }), (n) => {
    assertEquals(text(n, "iterative"), text(n, "fast-doubling"));
  }));
});

Deno.test("fibonacci() gives the same digits by naive and fast-doubling", () => {
  // Above 25, so that the part with checkpoints takes part.
  for (let n = 0; n <= 30; n++) assertEquals(text(n, "naive"), text(n, "fast-doubling"));
});

Deno.test("fibonacci() uses fast-doubling unless told otherwise", () => {
  assertEquals(fibonacci(1_000), fibonacci(1_000, "fast-doubling"));
  assertEquals(fibonacci(1_000, undefined), fibonacci(1_000, "fast-doubling"));
});

Deno.test("fibonacci() returns a buffer of its own that can be transferred", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 20_000 }), (n) => {
    const digits = fibonacci(n);
    assertStrictEquals(digits.byteOffset, 0);
    assertStrictEquals(digits.buffer.byteLength, digits.byteLength);
  }));

  const first = fibonacci(1_000);
  const moved = structuredClone(first, { transfer: [first.buffer] });
  assertEquals(first.byteLength, 0);
  assertEquals(moved, fibonacci(1_000));
});

Deno.test("fibonacci() writes ASCII digits without a leading zero", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20_000 }), (n) => {
    const digits = fibonacci(n);
    assertEquals(digits.every((code) => code >= 0x30 && code <= 0x39), true);
    assertEquals(digits[0] > 0x30, true);
  }));
});

Deno.test("fibonacci() throws TypeError for what is not a number", () => {
  const cases: [unknown, string][] = [
    ["33", 'n must be a number, got "33"'],
    [33n, "n must be a number, got bigint"],
    [undefined, "n must be a number, got undefined"],
    [null, "n must be a number, got null"],
    [true, "n must be a number, got boolean"],
    [Object.create(null), "n must be a number, got object"],
  ];
  for (const [n, message] of cases) {
    const error = assertThrows(() => fibonacci(n as number), TypeError);
    assertEquals(error.message, message);
  }
});

Deno.test("fibonacci() throws TypeError for an unknown algorithm", () => {
  const known = `Algorithm must be one of ${ALGORITHM_NAMES.join(", ")}, got `;
  const cases: [unknown, string][] = [
    ["quick", '"quick"'],
    ["", '""'],
    ["Naive", '"Naive"'],
    ["toString", '"toString"'],
    ["__proto__", '"__proto__"'],
    ["constructor", '"constructor"'],
    [null, "null"],
    [3, "number"],
    [["naive"], "object"],
    [Symbol.iterator, "symbol"],
  ];
  for (const [algorithm, seen] of cases) {
    const error = assertThrows(() => fibonacci(1, algorithm as AlgorithmName), TypeError);
    assertEquals(error.message, known + seen);
  }
});

Deno.test("fibonacci() throws RangeError for what is not an index", () => {
  for (const n of [-1, 1.5, 1e-300, NaN, Infinity, -Infinity, 1e9 + 1, 2 ** 53, 1e308]) {
    const error = assertThrows(() => fibonacci(n), RangeError);
    assertEquals(
      error.message,
      `n must be an integer from 0 to 1000000000 for fast-doubling, got ${n}`,
    );
  }
});

Deno.test("fibonacci() calls no checkpoint before it has checked its arguments", () => {
  const checkpoint = () => {
    throw new Error("called");
  };
  assertThrows(() => fibonacci(-1, "naive", checkpoint), RangeError);
  assertThrows(() => fibonacci(1, "x" as AlgorithmName, checkpoint), TypeError);
});
