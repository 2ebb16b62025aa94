import { assert, assertEquals } from "@std/assert";
import { laneOf } from "../../lib/pool/queueing/lanes.ts";
import { Meter } from "../../lib/pool/meter.ts";

/** A meter that has seen runs of one method. */
function after(...runs: number[]): Meter {
  const meter = new Meter();
  for (const ms of runs) meter.ran("run", 0, ms, 0);
  return meter;
}

Deno.test("a method's calls are long if all of them were, and not if some were", () => {
  assertEquals(laneOf(after().leastMs("run")), "short");
  assertEquals(laneOf(after(60, 55, 70).leastMs("run")), "long");
  // One in ten takes 60 ms, so that the mean is 8 and wanders about 10.
  const mixed = Array.from({ length: 500 }, (_, i) => i % 10 === 0 ? 60 : 2);
  for (let i = 10; i < mixed.length; i++) {
    assertEquals(laneOf(after(...mixed.slice(0, i)).leastMs("run")), "short");
  }
});

Deno.test("a method whose calls have become long is found to be", () => {
  const short = Array(100).fill(1);
  assertEquals(laneOf(after(...short, ...Array(3).fill(100)).leastMs("run")), "long");
  assertEquals(laneOf(after(...short, ...Array(10).fill(12)).leastMs("run")), "short");
  assertEquals(laneOf(after(...short, ...Array(60).fill(12)).leastMs("run")), "long");
});

Deno.test("one slow run counts for eight times the mean at most, and the peak remembers it", () => {
  const meter = after(...Array(20).fill(1), 1_000);
  assert(meter.meanMs("run")! < 2);
  assertEquals(meter.peakMs("run"), 1_000);
});
