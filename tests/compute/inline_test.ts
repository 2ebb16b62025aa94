import { assertEquals, assertRejects } from "@std/assert";
import { DeadlineExceededError, inline } from "../../lib/compute/mod.ts";

/** Takes everything for feasible. */
const compute = inline(() => 0);

Deno.test("inline() stops at its deadline what was estimated to meet it", async () => {
  const job = { n: 35, algorithm: "naive" } as const;
  const error = await assertRejects(() => compute(job, { deadlineMs: 1 }), DeadlineExceededError);
  assertEquals(error.deadlineMs, 1);
});

Deno.test("inline() rejects and never throws", async () => {
  const call = compute({ n: -1, algorithm: "naive" });
  await assertRejects(() => call, RangeError);
});
