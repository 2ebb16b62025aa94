import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert";
import fc from "fast-check";
import { fromDecades } from "../../lib/fibonacci/decades.ts";
import {
  ALGORITHM_NAMES,
  ALGORITHMS,
  calibrate,
  estimateMs,
  loadKernels,
  type MachineSpeed,
  REFERENCE_SPEED,
} from "../../lib/fibonacci/mod.ts";

await loadKernels();

const anyAlgorithm = fc.constantFrom(...ALGORITHM_NAMES);
const anyIndex = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 0, max: 1_000_000_000 }),
  fc.maxSafeNat(),
);

Deno.test("estimateMs() is finite and above 0", () => {
  fc.assert(fc.property(anyAlgorithm, anyIndex, (algorithm, n) => {
    const ms = estimateMs(n, algorithm);
    assert(Number.isFinite(ms) && ms > 0, `${ms}`);
  }));
});

Deno.test("estimateMs() never falls as n grows", () => {
  fc.assert(fc.property(anyAlgorithm, anyIndex, anyIndex, (algorithm, a, b) => {
    const [less, more] = a < b ? [a, b] : [b, a];
    assertGreaterOrEqual(estimateMs(more, algorithm), estimateMs(less, algorithm));
  }));
});

Deno.test("estimateMs() never falls from one n to the next", () => {
  for (const algorithm of ALGORITHM_NAMES) {
    for (let exponent = 0; exponent <= 9; exponent++) {
      const middle = 10 ** exponent;
      for (let n = Math.max(0, middle - 50); n < middle + 50; n++) {
        assertGreaterOrEqual(estimateMs(n + 1, algorithm), estimateMs(n, algorithm));
      }
    }
  }
});

Deno.test("estimateMs() takes the reference machine unless told otherwise", () => {
  assertEquals(estimateMs(1_000, "iterative"), estimateMs(1_000, "iterative", REFERENCE_SPEED));
});

Deno.test("estimateMs() scales with the speed of the algorithm asked for", () => {
  fc.assert(fc.property(anyAlgorithm, fc.nat(1_000), (algorithm, n) => {
    const speed = { ...REFERENCE_SPEED, [algorithm]: 4 };
    const expected = ALGORITHM_NAMES.map((name) =>
      name === algorithm ? estimateMs(n, name) / 4 : estimateMs(n, name)
    );
    assertEquals(ALGORITHM_NAMES.map((name) => estimateMs(n, name, speed)), expected);
  }));
});

Deno.test("estimateMs() stays finite for a machine that does nothing", () => {
  const stopped = Object.fromEntries(ALGORITHM_NAMES.map((name) => [name, 0])) as MachineSpeed;
  for (const name of ALGORITHM_NAMES) assertEquals(estimateMs(5, name, stopped), Number.MAX_VALUE);
});

Deno.test("estimateMs() tells what is out of the question", () => {
  const hourMs = 3_600_000;
  assertGreater(estimateMs(60, "naive"), hourMs);
  assertLess(estimateMs(60, "naive"), 10 * hourMs);
  assertGreater(estimateMs(ALGORITHMS.naive.maxN, "naive"), 365 * 24 * hourMs);
  assertGreater(estimateMs(10_000_000, "iterative"), hourMs / 10);
  assertLess(estimateMs(10_000_000, "fast-doubling"), 1_000);
});

Deno.test("calibrate() returns a plain positive finite speed for each algorithm", () => {
  const speed = calibrate();
  assertEquals(Object.keys(speed), [...ALGORITHM_NAMES]);
  for (const name of ALGORITHM_NAMES) {
    assert(Number.isFinite(speed[name]) && speed[name] > 0, `${name}: ${speed[name]}`);
  }
  assertEquals(structuredClone(speed), speed);
  assertEquals(JSON.parse(JSON.stringify(speed)), speed);
});

Deno.test("fromDecades() meets its points and continues the last slope", () => {
  const cost = fromDecades([1, 1, 10, 1_000]);
  const near = (actual: number, expected: number) =>
    assertLess(Math.abs(actual / expected - 1), 1e-12);
  near(cost(0), 1);
  near(cost(1), 1);
  near(cost(5), 1);
  near(cost(10), 1);
  near(cost(100), 10);
  near(cost(10 ** 1.5), 10 ** 0.5);
  near(cost(1_000), 1_000);
  near(cost(10_000), 100_000);
});
