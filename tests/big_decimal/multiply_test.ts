import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { limbWidth, MAX_DIGITS, multiply, PRIMES } from "../../lib/big_decimal/mod.ts";
import { digitsOf } from "../../lib/big_decimal/digits_of.ts";

const digit = fc.constantFrom(..."0123456789");
const anyNumber = fc.array(digit, { minLength: 1, maxLength: 3_000 }).map((text) => text.join(""));

Deno.test("multiply() equals BigInt", () => {
  fc.assert(fc.property(anyNumber, anyNumber, (x, y) => {
    assertEquals(multiply(x, y), String(BigInt(x) * BigInt(y)));
  }));
});

Deno.test("multiply() equals BigInt where digits are anything but random", () => {
  for (const pattern of ["0", "1", "9", "50000", "5000", "49999", "10000000", "99990", "500"]) {
    for (const length of [1, 7, 20_000, 400_000]) {
      const x = pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);
      assertEquals(multiply(x, x), String(BigInt(x) ** 2n), `${length} of ${pattern}`);
      assertEquals(multiply(x, "12"), String(BigInt(x) * 12n), `${length} of ${pattern}`);
    }
  }
});

Deno.test("multiply() takes digits alone", () => {
  for (const text of ["", "-1", "1.5", " 1", "1n", "１"]) {
    for (const [x, y] of [[text, "1"], ["1", text]]) {
      assertThrows(() => multiply(x, y), TypeError, "digits");
    }
  }
});

Deno.test("multiply() ends at the checkpoint that throws, and is whole afterwards", () => {
  const x = "7".repeat(30_000);
  const expected = String(BigInt(x) ** 2n);
  let total = 0;
  multiply(x, x, () => total++);
  for (let last = 1; last <= total; last++) {
    let calls = 0;
    assertThrows(
      () =>
        multiply(x, x, () => {
          if (++calls === last) throw new Error("stop");
        }),
      Error,
      "stop",
    );
    assertEquals(calls, last);
  }
  assertEquals(multiply(x, x), expected);
});

Deno.test("limbWidth() gives wide limbs to short numbers, and none beyond the longest", () => {
  assertEquals([1, 100_000, 1_000_000, MAX_DIGITS].map(limbWidth), [5, 5, 4, 3]);
  assertStrictEquals(limbWidth(MAX_DIGITS + 1), undefined);
});

Deno.test("digitsOf() writes a number with the right residues, and no other", () => {
  const limbs = () => Int32Array.of(-1, 2, 0, 0);
  const residues = PRIMES.map((p) => 1_999 % p);
  assertEquals(digitsOf(limbs(), 3, residues, () => {}), new TextEncoder().encode("1999"));
  assertStrictEquals(digitsOf(limbs(), 3, [residues[0], 2_000], () => {}), undefined);
  assertStrictEquals(digitsOf(limbs(), 3, [2_000, residues[1]], () => {}), undefined);
  assertStrictEquals(digitsOf(Int32Array.of(5, -1), 3, [0, 0], () => {}), undefined);
  assertEquals(digitsOf(Int32Array.of(0, 0), 3, [0, 0], () => {}), new TextEncoder().encode("0"));
});
