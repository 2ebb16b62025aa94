import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  isAlgorithmName,
} from "../../lib/fibonacci/mod.ts";

Deno.test("ALGORITHM_NAMES lists the table, the slowest first", () => {
  assertEquals(Object.values(ALGORITHMS).map(({ name }) => name), [...ALGORITHM_NAMES]);
  const known = ALGORITHM_NAMES.filter((name) => /^(naive|iterative|fast-doubling)$/.test(name));
  assertEquals(known, ["naive", "iterative", "fast-doubling"]);
});

Deno.test("DEFAULT_ALGORITHM goes as far as any, and is the fastest there", () => {
  const { maxN, computeMs } = ALGORITHMS[DEFAULT_ALGORITHM];
  for (const name of ALGORITHM_NAMES) {
    assert(ALGORITHMS[name].maxN <= maxN);
    assert(ALGORITHMS[name].computeMs(1_000_000) >= computeMs(1_000_000));
  }
});

Deno.test("ALGORITHMS ends naive at the last number a double holds", () => {
  const [last, beyond] = [8_944_394_323_791_464n, 14_472_334_024_676_221n];
  assertEquals(BigInt(Number(last)), last);
  assert(last <= BigInt(Number.MAX_SAFE_INTEGER));
  assert(BigInt(Number(beyond)) !== beyond);
  assertEquals(ALGORITHMS.naive.maxN, 78);
});

Deno.test("ALGORITHMS ends fast-doubling below the largest bigint", () => {
  const bits = ALGORITHMS["fast-doubling"].maxN * Math.log2((1 + Math.sqrt(5)) / 2);
  assert(bits + 2 < 2 ** 30);
});

Deno.test("isAlgorithmName() knows the names", () => {
  for (const name of ALGORITHM_NAMES) assert(isAlgorithmName(name));
});

Deno.test("isAlgorithmName() rejects inherited properties and near misses", () => {
  const names = Object.getOwnPropertyNames(Object.prototype);
  for (const name of [...names, "", "NAIVE", " naive", "naive ", "naive\n", "fastDoubling"]) {
    assertFalse(isAlgorithmName(name), name);
  }
});

Deno.test("isAlgorithmName() rejects any other text", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assertEquals(isAlgorithmName(text), ALGORITHM_NAMES.includes(text as AlgorithmName));
  }));
});
