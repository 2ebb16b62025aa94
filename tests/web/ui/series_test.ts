import { assertEquals } from "@std/assert";
import { SERIES, seriesAt } from "../../../lib/web/ui/series.ts";

Deno.test("kinds of calls have a colour each, and those without one share that of other work", () => {
  assertEquals(SERIES.map((_, index) => seriesAt(index)), [...SERIES]);
  assertEquals(seriesAt(SERIES.length), "several");
});
