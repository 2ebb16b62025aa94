import { assertEquals } from "@std/assert";
import { PRIMES } from "../../lib/big_decimal/mod.ts";
import { fibonacciModulo } from "../../lib/fibonacci/identities.ts";

Deno.test("fibonacciModulo() equals the recurrence", () => {
  for (const p of PRIMES) {
    let [f, next] = [0, 1];
    for (let n = 0; n < 1_000; n++) {
      assertEquals(fibonacciModulo(n, p), f);
      [f, next] = [next, (f + next) % p];
    }
  }
});
