import { assert, assertEquals } from "@std/assert";
import { median, quantile, summarize } from "../../bench/runner/statistics.ts";

Deno.test("median is the middle value, or lies between the middle two", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([7]), 7);
  assert(Number.isNaN(median([])));
});

Deno.test("quantile is a value that occurs", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assertEquals(quantile(values, 0), 1);
  assertEquals(quantile(values, 0.5), 50);
  assertEquals(quantile(values, 0.99), 99);
  assertEquals(quantile(values, 1), 100);
  assert(Number.isNaN(quantile([], 0.5)));
});

Deno.test("summarize leaves its values in their order", () => {
  const values = [2, 9, 4];
  assertEquals(summarize(values), { median: 4, min: 2, max: 9 });
  assertEquals(values, [2, 9, 4]);
});
