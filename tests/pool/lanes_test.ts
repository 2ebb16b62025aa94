// Who waits for whom: short calls and long ones, one caller's and another's.

import { assertEquals, assertRejects } from "@std/assert";
import { type CallOptions, OverloadedError } from "../../lib/pool/mod.ts";
import { Harness } from "./harness.ts";

/** A pool that is ready, and what it is asked for. */
async function ready(size: number, options: { maxQueue?: number } = {}) {
  const harness = new Harness({ size, ...options });
  await harness.pool.ready;
  const call = (id: string, estimateMs: number, options: CallOptions = {}) => {
    const result = harness.pool.call("hold", [id], { estimateMs, ...options });
    result.catch(() => {});
    return result;
  };
  const finish = async (id: string) => {
    await harness.running(id);
    harness.release(id);
  };
  return { harness, call, finish };
}

Deno.test("a short call starts before long ones that wait", async () => {
  const { harness, call, finish } = await ready(1);
  await using _ = harness;
  const calls = [call("long 1", 50), call("long 2", 50), call("short", 1)];
  for (const id of ["long 1", "short", "long 2"]) await finish(id);
  await Promise.all(calls);
  assertEquals(harness.started, ["long 1", "short", "long 2"]);
});

Deno.test("the last idle worker is not for long calls", async () => {
  const { harness, call, finish } = await ready(2);
  await using _ = harness;
  const calls = [call("long 1", 500), call("long 2", 500)];
  await harness.running("long 1");
  assertEquals(harness.pool.stats().slots.map(({ state }) => state), ["busy", "idle"]);
  assertEquals(harness.pool.stats().queue.long, 1);
  calls.push(call("short", 1));
  await harness.running("short");
  await finish("short");
  assertEquals(harness.started, ["long 1", "short"]);
  await finish("long 1");
  await finish("long 2");
  await Promise.all(calls);
});

Deno.test("a long call has the last idle worker when another is about to be free", async () => {
  const { harness, call, finish } = await ready(2);
  await using _ = harness;
  await harness.pool.call("echo", [1], { estimateMs: 1 });
  const calls = [call("long 1", 30), call("long 2", 30)];
  await harness.running("long 1");
  harness.clock.advance(27);
  assertEquals(harness.started, ["long 1"]);
  harness.clock.advance(1);
  await harness.running("long 2");
  // It has not ended when it should have: it may go on for as long again.
  harness.clock.advance(60);
  await finish("long 2");
  calls.push(call("long 3", 30));
  await calls[1];
  assertEquals(harness.started, ["long 1", "long 2"]);
  await finish("long 1");
  await finish("long 3");
  await Promise.all(calls);
});

Deno.test("where no short call has come for a while, calls of medium length have all workers", async () => {
  const { harness, call, finish } = await ready(2);
  await using _ = harness;
  harness.clock.advance(251);
  const calls = [call("a", 60), call("b", 60), call("c", 60)];
  await harness.running("a");
  harness.clock.advance(25);
  await harness.running("b");
  harness.clock.advance(35);
  await finish("a");
  await harness.running("c");
  for (const id of ["b", "c"]) await finish(id);
  await Promise.all(calls);
});

Deno.test("where no short call has come for long, long calls have all workers", async () => {
  const { harness, call, finish } = await ready(2);
  await using _ = harness;
  harness.clock.advance(9_000);
  const calls = [call("a", 5_000), call("b", 5_000)];
  await harness.running("a");
  assertEquals(harness.pool.stats().queue.length, 1);
  // Nothing else tells that it is time.
  harness.clock.advance(1_002);
  await harness.running("b");
  for (const id of ["a", "b"]) await finish(id);
  await Promise.all(calls);
});

Deno.test("a long call has the one worker that there is", async () => {
  const { harness, call, finish } = await ready(1);
  await using _ = harness;
  const done = call("long", 500);
  await finish("long");
  assertEquals(await done, "long");
});

Deno.test("short calls without end don't keep long ones waiting for ever", async () => {
  const { harness, call, finish } = await ready(1);
  await using _ = harness;
  const calls = [call("short 0", 9), call("long", 50)];
  await harness.running("short 0");
  let i = 0;
  while (!harness.started.includes("long")) {
    calls.push(call(`short ${++i}`, 9));
    harness.clock.advance(10);
    harness.release(`short ${i - 1}`);
    await Promise.race([harness.running(`short ${i}`), harness.running("long")]);
  }
  assertEquals(i, 101);
  await finish("long");
  await finish(`short ${i}`);
  await Promise.all(calls);
});

Deno.test("callers take turns, however many calls each has", async () => {
  const { harness, call, finish } = await ready(1);
  await using _ = harness;
  const calls = ["a0", "a1", "a2", "a3", "b1", "c1", "b2"]
    .map((id) => call(id, 5, { group: id[0] }));
  const order = ["a0", "a1", "b1", "c1", "a2", "b2", "a3"];
  for (const id of order) await finish(id);
  await Promise.all(calls);
  assertEquals(harness.started, order);
});

Deno.test("a caller who waits behind its own calls alone is told so", async () => {
  const { harness, call } = await ready(1);
  await using _ = harness;
  for (let i = 0; i < 100; i++) call(`flood ${i}`, 9, { group: "flood" });
  // By the whole queue it would be 900 ms.
  call("one", 5, { group: "other", maxWaitMs: 40 });
  assertEquals(harness.pool.stats().queue.length, 100);
  await assertRejects(() => call("more", 5, { group: "flood", maxWaitMs: 40 }), OverloadedError);
});

Deno.test("in a full queue, a caller with more than its share makes room for others", async () => {
  const { harness, call } = await ready(1, { maxQueue: 4 });
  await using _ = harness;
  const flood = [0, 1, 2, 3, 4].map((i) => call(`flood ${i}`, 5, { group: "flood" }));
  await harness.running("flood 0");
  const more = await assertRejects(() => call("more", 5, { group: "flood" }), OverloadedError);
  assertEquals(more.reason, "queue");
  for (const i of [1, 2]) {
    call(`other ${i}`, 5, { group: `other ${i}` });
    const pushedOut = await assertRejects(() => flood[5 - i], OverloadedError);
    assertEquals(pushedOut.reason, "group");
  }
  const third = await assertRejects(() => call("x", 5, { group: "x" }), OverloadedError);
  assertEquals(third.reason, "queue");
  const { queue, refusals } = harness.pool.stats();
  assertEquals(queue.length, 4);
  assertEquals(refusals, { queue: 2, lane: 0, group: 2, wait: 0 });
});

Deno.test("calls of no group make room for nobody", async () => {
  const { harness, call } = await ready(1, { maxQueue: 1 });
  await using _ = harness;
  call("running", 5);
  await harness.running("running");
  call("waiting", 5);
  const refused = await assertRejects(() => call("a", 5, { group: "a" }), OverloadedError);
  assertEquals([refused.reason, harness.pool.stats().queue.length], ["queue", 1]);
});

Deno.test("in a full queue, long calls make room for short ones down to half of it", async () => {
  const { harness, call } = await ready(1, { maxQueue: 2 });
  await using _ = harness;
  const long = [0, 1, 2].map((i) => call(`long ${i}`, 50));
  await harness.running("long 0");
  call("short", 1);
  assertEquals((await assertRejects(() => long[2], OverloadedError)).reason, "lane");
  const more = await assertRejects(() => call("more", 1), OverloadedError);
  assertEquals(more.reason, "queue");
  assertEquals(harness.pool.stats().queue.length, 2);
});

Deno.test("refusal() tells what call() would be refused for, and counts it", async () => {
  const { harness, call } = await ready(1, { maxQueue: 1 });
  await using _ = harness;
  assertEquals(harness.pool.refusal("hold", ["x"], { estimateMs: 5 }), undefined);
  call("a", 500);
  await harness.running("a");
  assertEquals(harness.pool.refusal("hold", ["x"], { estimateMs: 5 }), undefined);
  assertEquals(
    harness.pool.refusal("hold", ["x"], { estimateMs: 5, maxWaitMs: 10 })?.reason,
    "wait",
  );
  call("b", 5);
  const refused = harness.pool.refusal("hold", ["x"], { estimateMs: 5 });
  assertEquals([refused?.reason, refused?.retryAfterMs], ["queue", 505]);
  const { totals, refusals } = harness.pool.stats();
  assertEquals([totals.calls, totals.refused], [4, 2]);
  assertEquals(refusals, { queue: 1, lane: 0, group: 0, wait: 1 });
});

Deno.test("nothing is left of groups, nor any timer, when their calls have gone", async () => {
  const { harness, call, finish } = await ready(2);
  await using _ = harness;
  const calls = ["a", "b", "c"].map((id) => call(id, 500, { group: id }));
  await finish("a");
  const left = new AbortController();
  const waiting = call("d", 500, { group: "d", signal: left.signal });
  left.abort();
  await assertRejects(() => waiting);
  for (const id of ["b", "c"]) await finish(id);
  await Promise.all(calls);
  assertEquals(harness.clock.pending, 0);
});

Deno.test("a call that replaces another one in a full queue starts at once if there is room for it", async () => {
  await using harness = new Harness({ size: 1, maxQueue: 1 });
  const { pool } = harness;
  await pool.ready;
  const running = pool.call("hold", ["running"], { estimateMs: 0.1 });
  await harness.running("running");
  // Of unknown cost, so it waits for an idle worker.
  const replaced = assertRejects(
    () => pool.call("hold", ["replaced"], { group: 1 }),
    OverloadedError,
  );
  const short = pool.call("hold", ["short"], { group: 2, estimateMs: 0.1 });
  await replaced;
  const { slots: [{ inFlight }], queue: { length } } = pool.stats();
  assertEquals({ inFlight, length }, { inFlight: 2, length: 0 });
  for (const id of ["running", "short"]) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all([running, short]);
});
