import { assertEquals, assertRejects } from "@std/assert";
import { DeadlineExceededError, OverloadedError } from "../../lib/pool/mod.ts";
import { Harness } from "./harness.ts";

Deno.test("call() is refused when the queue is full, and the queue is unchanged", async () => {
  await using harness = new Harness({ size: 1, maxQueue: 2 });
  await harness.pool.ready;
  const calls = ["a", "b", "c"].map((id) => harness.pool.call("hold", [id], { estimateMs: 2_000 }));
  await harness.running("a");
  const error = await assertRejects(
    () => harness.pool.call("hold", ["d"]),
    OverloadedError,
    "full",
  );
  assertEquals([error.reason, error.retryAfterMs], ["queue", 2_000]);
  assertEquals(harness.pool.stats().queue.length, 2);
  for (const id of ["a", "b", "c"]) {
    await harness.running(id);
    harness.release(id);
  }
  assertEquals(await Promise.all(calls), ["a", "b", "c"]);
});

Deno.test("call() with maxQueue 0 runs what can start at once and refuses the rest", async () => {
  await using harness = new Harness({ size: 1, maxQueue: 0 });
  await harness.pool.ready;
  const call = harness.pool.call("hold", ["a"]);
  await assertRejects(() => harness.pool.call("echo", [1]), OverloadedError);
  await harness.running("a");
  harness.release("a");
  assertEquals(await call, "a");
  assertEquals(await harness.pool.call("echo", [2]), 2);
});

Deno.test("call() is refused at once when it is predicted to start after its deadline", async () => {
  await using harness = new Harness({ size: 1 });
  const first = harness.pool.call("hold", ["a"], { estimateMs: 3_000 });
  await harness.running("a");
  const error = await assertRejects(
    () => harness.pool.call("hold", ["b"], { deadlineMs: 2_999 }),
    OverloadedError,
    "Call would wait 3000 ms and may wait 2999 ms",
  );
  assertEquals(error.retryAfterMs, 3_000);
  await assertRejects(
    () => harness.pool.call("hold", ["c"], { deadlineMs: 9_999, maxWaitMs: 1 }),
    OverloadedError,
  );
  const patient = harness.pool.call("echo", ["d"], { deadlineMs: 3_001 });
  harness.release("a");
  assertEquals(await Promise.all([first, patient]), ["a", "d"]);
  assertEquals(harness.started, ["a"]);
});

Deno.test("a call whose time passes in the queue is dropped, and never starts", async () => {
  await using harness = new Harness({ size: 1 });
  const first = harness.pool.call("hold", ["a"]);
  await harness.running("a");
  const second = assertRejects(
    () => harness.pool.call("hold", ["b"], { deadlineMs: 50 }),
    OverloadedError,
    "Call has waited for 50 ms",
  );
  harness.clock.advance(50);
  await second;
  assertEquals(harness.pool.stats().queue.length, 0);
  harness.release("a");
  await first;
  await harness.pool.call("echo", [0]);
  assertEquals(harness.started, ["a"]);
});

Deno.test("a call whose deadline passes while it runs is rejected, and its worker told", async () => {
  await using harness = new Harness({ size: 1 });
  const call = assertRejects(
    () => harness.pool.call("hold", ["a"], { deadlineMs: 50 }),
    DeadlineExceededError,
    "Call was not finished within 50 ms",
  );
  await harness.running("a");
  harness.clock.advance(50);
  await call;
  assertEquals(harness.pool.stats().slots[0].state, "cancelling");
  harness.release("a");
  assertEquals(await harness.pool.call("echo", ["next"]), "next");
  assertEquals(harness.workers.length, 1);
});

Deno.test("a retry is not refused for the time that the first try took", async () => {
  await using harness = new Harness({ size: 1 });
  const call = harness.pool.call("hold", ["a"], { pure: true, maxWaitMs: 50 });
  await harness.running("a");
  harness.clock.advance(100);
  harness.held.delete("a");
  harness.workers[0].die();
  await harness.event("crashed");
  harness.clock.advance(10);
  await harness.running("a");
  harness.release("a");
  assertEquals(await call, "a");
});
