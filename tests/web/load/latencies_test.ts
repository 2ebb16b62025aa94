import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { buckets, quantilesOf } from "../../../lib/web/load/latencies.ts";

const anyMs = fc.array(fc.double({ min: 0.02, max: 1e6, noNaN: true }), { minLength: 1 });

Deno.test("buckets() holds each duration once, in a bucket around it", () => {
  fc.assert(fc.property(anyMs, (durations) => {
    const all = buckets(durations);
    assertEquals(all.reduce((sum, { count }) => sum + count, 0), durations.length);
    for (const ms of durations) {
      // Where a duration is a bound, rounding decides.
      assert(all.some(({ fromMs, toMs }) => ms >= fromMs * 0.9999 && ms <= toMs * 1.0001));
    }
    for (const [i, { toMs }] of all.slice(0, -1).entries()) assertEquals(all[i + 1].fromMs, toMs);
    assert(all[0].count > 0 && all.at(-1)!.count > 0);
  }));
});

Deno.test("buckets() of nothing is nothing, and of nothing but 0 one bucket", () => {
  assertEquals(buckets([]), []);
  assertEquals(buckets([0, 0]).map(({ count }) => count), [2]);
});

Deno.test("quantilesOf() are among the durations", () => {
  const durations = [5, 1, 4, 2, 3];
  assertEquals(quantilesOf(durations, [0, 0.2, 0.5, 0.99, 1]), [1, 1, 3, 5, 5]);
  assertEquals(durations, [5, 1, 4, 2, 3]);
  assertEquals(quantilesOf([], [0.5]), [undefined]);
});
