import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { normalize, store, toAscii } from "../../lib/big_decimal/limbs.ts";
import { PRIMES, residuesOf } from "../../lib/big_decimal/residues.ts";

function nothing(): void {}

const decoder = new TextDecoder();
const anyWidth = fc.constantFrom(3, 4, 5);
const anyDigits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 })
  .map((digits) => digits.join("").replace(/^0+(?=.)/, ""));

/** The balanced limbs of a number, with room for a carry. */
function limbsOf(text: string, width: number): Int32Array {
  const limbs = new Int32Array(Math.ceil(text.length / width) + 1);
  store(text, width, limbs, 0, nothing);
  return limbs;
}

Deno.test("store() leaves balanced limbs", () => {
  fc.assert(fc.property(anyDigits, anyWidth, (text, width) => {
    const half = 10 ** width / 2;
    const limbs = limbsOf(text, width);
    assert(limbs.every((limb) => Math.abs(limb) <= half));
    const sum = limbs.reduceRight((sum, limb) => sum * BigInt(2 * half) + BigInt(limb), 0n);
    assertEquals(sum, BigInt(text));
  }));
});

Deno.test("toAscii() writes what store() has read", () => {
  fc.assert(fc.property(anyDigits, anyWidth, (text, width) => {
    const limbs = limbsOf(text, width);
    assert(normalize(limbs, 10 ** width, nothing));
    assertEquals(decoder.decode(toAscii(limbs, width, text.length, nothing)), text);
  }));
});

Deno.test("toAscii() writes every limb there is", () => {
  for (const width of [3, 4, 5]) {
    const base = 10 ** width;
    const limbs = Int32Array.from({ length: base + 1 }, (_, i) => i % base);
    limbs[base] = 1;
    const text = Array.from(limbs.subarray(0, base), (limb) => String(limb).padStart(width, "0"));
    const digits = toAscii(limbs, width, width * base + 1, nothing);
    assert(decoder.decode(digits) === "1" + text.reverse().join(""));
  }
});

Deno.test("normalize() makes the same number of limbs from 0 up", () => {
  const anyLimbs = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 50 });
  fc.assert(fc.property(anyLimbs, (balanced) => {
    const limbs = Int32Array.from([...balanced, 1]);
    assert(normalize(limbs, 10_000, nothing));
    assert(limbs.every((limb) => limb >= 0 && limb < 10_000));
    const valueOf = (limbs: Iterable<number>) =>
      [...limbs].reduceRight((sum, limb) => sum * 10_000n + BigInt(limb), 0n);
    assertEquals(valueOf(limbs), valueOf([...balanced, 1]));
  }));
});

Deno.test("normalize() tells a number below 0", () => {
  assertFalse(normalize(Int32Array.of(5, -1), 10, nothing));
});

Deno.test("normalize() leaves nothing that is no limb", () => {
  const limbs = Int32Array.of(2 ** 30, -(2 ** 30), 5);
  const fits = normalize(limbs, 1_000, nothing);
  assertFalse(fits && limbs.every((limb) => limb >= 0 && limb < 1_000));
});

Deno.test("residuesOf() equals the remainder", () => {
  fc.assert(fc.property(anyDigits, anyWidth, (text, width) => {
    const limbs = limbsOf(text.repeat(30), width);
    const expected = PRIMES.map((p) => Number(BigInt(text.repeat(30)) % BigInt(p)));
    assertEquals(residuesOf(limbs, 10 ** width, nothing), expected);
  }));
});

Deno.test("residuesOf() stays exact with the largest limbs", () => {
  for (const width of [3, 4, 5]) {
    const text = "9".repeat(width * 5_000);
    const expected = PRIMES.map((p) => Number(BigInt(text) % BigInt(p)));
    assertEquals(residuesOf(limbsOf(text, width), 10 ** width, nothing), expected);
  }
});

Deno.test("PRIMES are prime, and 10 is a primitive root of each", () => {
  for (const p of PRIMES) {
    assertEquals(primeFactors(p), [p]);
    for (const factor of primeFactors(p - 1)) {
      assert(power(10n, BigInt((p - 1) / factor), BigInt(p)) !== 1n);
    }
  }
});

function primeFactors(n: number): number[] {
  const factors: number[] = [];
  for (let d = 2; d * d <= n; d++) {
    if (n % d === 0) factors.push(d);
    while (n % d === 0) n /= d;
  }
  return n > 1 ? [...factors, n] : factors;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  if (exponent === 0n) return 1n;
  const root = power(base, exponent / 2n, modulus);
  return root * root * (exponent % 2n === 0n ? 1n : base) % modulus;
}
