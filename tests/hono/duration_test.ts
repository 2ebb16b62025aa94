import { assertEquals } from "@std/assert";
import { humanDuration } from "../../lib/hono/duration.ts";

Deno.test.each([
  [0.5, "less than a millisecond"],
  [1, "1 millisecond"],
  [123, "120 milliseconds"],
  [990, "990 milliseconds"],
  [999.6, "1 second"],
  [1000, "1 second"],
  [1500, "1.5 seconds"],
  [90_000, "1.5 minutes"],
  [3 * 3_600_000 + 1, "3 hours"],
  [2 * 86_400_000, "2 days"],
  [Infinity, "more than a million years"],
])("humanDuration(%d) is %s", (ms, said) => assertEquals(humanDuration(Number(ms)), said));
