import { assert, assertEquals } from "@std/assert";
import { Meter } from "../../lib/pool/meter.ts";

/** A meter that has seen runs of one method. */
function after(...runs: number[]): Meter {
  const meter = new Meter();
  for (const ms of runs) meter.ran("run", 0, ms, 0);
  return meter;
}

Deno.test("a method's calls are long if all of them were, and not if some were", () => {
  assertEquals(after().expect("run").lane, "short");
  assertEquals(after(60, 55, 70).expect("run").lane, "long");
  // One in ten takes 60 ms, so that the mean is 8 and wanders about 10.
  const mixed = Array.from({ length: 500 }, (_, i) => i % 10 === 0 ? 60 : 2);
  for (let i = 10; i < mixed.length; i++) {
    assertEquals(after(...mixed.slice(0, i)).expect("run").lane, "short");
  }
});

Deno.test("a method whose calls have become long is found to be", () => {
  const short = Array(100).fill(1);
  assertEquals(after(...short, ...Array(3).fill(100)).expect("run").lane, "long");
  assertEquals(after(...short, ...Array(10).fill(12)).expect("run").lane, "short");
  assertEquals(after(...short, ...Array(60).fill(12)).expect("run").lane, "long");
});

Deno.test("one slow run counts for eight times the mean at most, and the peak remembers it", () => {
  const meter = after(...Array(20).fill(1), 1_000);
  const { costMs, peakMs } = meter.expect("run");
  assert(costMs! < 2);
  assertEquals(peakMs, 1_000);
});

Deno.test("a method whose first runs took no time, by a coarse clock, is found to take longer", () => {
  const { costMs, peakMs } = after(0, 0, 0, ...Array(60).fill(5)).expect("run");
  assert(costMs! > 4.9);
  assertEquals(peakMs, 5);
});
