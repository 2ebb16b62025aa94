/**
 * Big answers, from the number to its digits, on one thread: decimal arithmetic and
 * its rivals: binary arithmetic, and GMP where the library is installed and may be called.
 *
 * ```sh
 * deno bench --allow-ffi bench/transforms_bench.ts
 * ```
 *
 * @module
 */

import { binaryDoubling } from "../lib/fibonacci/binary_doubling.ts";
import { decimalDoubling } from "../lib/fibonacci/decimal_doubling.ts";
import { toDigits } from "../lib/fibonacci/digits.ts";
import { digitCount } from "../lib/fibonacci/mod.ts";

/** The largest n that binary arithmetic is timed at: 0.5 s, and 17 times as long for the next. */
const BINARY_TO = 10_000_000;

function nothing(): void {}

function gmp(): ((n: number) => Uint8Array) | undefined {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
  try {
    const { symbols } = Deno.dlopen("libgmp.so.10", {
      __gmpz_init: { parameters: ["buffer"], result: "void" },
      __gmpz_clear: { parameters: ["buffer"], result: "void" },
      __gmpz_fib_ui: { parameters: ["buffer", "usize"], result: "void" },
      __gmpz_get_str: { parameters: ["buffer", "i32", "buffer"], result: "pointer" },
    });
    return (n) => {
      const number = new BigUint64Array(2);
      // One for a sign, one for the end.
      const digits = new Uint8Array(digitCount(n) + 2);
      symbols.__gmpz_init(number);
      symbols.__gmpz_fib_ui(number, BigInt(n));
      symbols.__gmpz_get_str(digits, 10, number);
      symbols.__gmpz_clear(number);
      return digits.subarray(0, -2);
    };
  } catch (error) {
    console.error("No GMP:", error instanceof Error ? error.message : error);
  }
}

const contenders: [string, (n: number) => Uint8Array, maxN: number][] = [
  ["decimal", (n) => decimalDoubling(n, nothing)!, Infinity],
  ["binary", (n) => toDigits(binaryDoubling(n, nothing), nothing), BINARY_TO],
];
const library = gmp();
if (library) contenders.push(["GMP", library, Infinity]);

for (const n of [1e4, 3e4, 1e5, 1e6, 2e6, 3e6, 1e7, 1.5e7, 1e8]) {
  const expected = decimalDoubling(n, nothing)!;
  for (const [name, digits, maxN] of contenders) {
    if (n > maxN) continue;
    Deno.bench({
      name: `${name} ${n}`,
      group: `F(${n})`,
      baseline: name === "decimal",
      n: n > 1e7 ? 3 : undefined,
      warmup: n > 1e7 ? 0 : undefined,
      fn() {
        if (digits(n).length !== expected.length) throw new Error(`${name} is wrong`);
      },
    });
  }
}
