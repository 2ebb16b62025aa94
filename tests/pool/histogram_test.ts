import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Histogram, quantile } from "../../lib/pool/histogram.ts";

const anyMs = fc.double({ min: 0, max: 1e9, noNaN: true });

Deno.test("Histogram puts each value in the bucket whose bounds hold it", () => {
  fc.assert(fc.property(anyMs, (value) => {
    const histogram = new Histogram();
    histogram.record(value);
    const { bounds, counts, count, sum } = histogram.snapshot();
    const bucket = counts.indexOf(1);
    assertEquals([count, sum], [1, value]);
    assertEquals(value <= bounds[bucket], true);
    if (bucket > 0) assertEquals(value > bounds[bucket - 1], true);
  }));
});

Deno.test("Histogram.snapshot() is left alone by later values", () => {
  const histogram = new Histogram();
  const before = histogram.snapshot();
  histogram.record(1);
  assertEquals(before.count, 0);
  assertEquals(before.counts.every((count) => count === 0), true);
});

Deno.test("quantile() is in the exact one's bucket", () => {
  const inside = fc.double({ min: 0.02, max: 60_000, noNaN: true });
  fc.assert(fc.property(
    fc.array(inside, { minLength: 1 }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
    (values, q) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const exact = values.toSorted((a, b) => a - b)[Math.ceil(q * values.length - 1e-9) - 1];
      const read = quantile(histogram.snapshot(), q);
      assertEquals(read >= exact / 2 && read <= 2 * exact, true, `${read} for ${exact}`);
    },
  ));
});

Deno.test("quantile() reads as Prometheus does", () => {
  const histogram = { bounds: [1, 2, 4, Infinity], counts: [2, 4, 2, 2], count: 10, sum: 0 };
  const read = [0.1, 0.2, 0.5, 0.6, 0.7, 0.8, 0.99, 1].map((q) => quantile(histogram, q));
  assertEquals(read, [0.5, 1, 1.75, 2, 3, 4, 4, 4]);
});

Deno.test("quantile() of nothing is 0", () => {
  assertEquals(quantile(new Histogram().snapshot(), 0.99), 0);
});
