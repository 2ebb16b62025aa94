import { assertEquals, assertRejects } from "@std/assert";
import { OverloadedError, PoolClosedError } from "../../lib/pool/mod.ts";
import { Harness } from "./harness.ts";
import { ScriptedWorker } from "./scripted_worker.ts";

/** A pool of one worker that is on call `a`, and in whose queue `b` and `c` have the only two places. */
async function full() {
  const harness = new Harness({ size: 1, maxQueue: 2 });
  await harness.pool.ready;
  const calls = ["a", "b", "c"].map((id) => harness.pool.call("hold", [id]));
  await harness.running("a");
  return { harness, calls };
}

Deno.test("room() resolves at once if there is room", async () => {
  await using harness = new Harness({ size: 1, maxQueue: 0 });
  await harness.pool.ready;
  // Nothing may wait, and nothing has to.
  await harness.pool.room();
});

Deno.test("room() for a long call is not the last idle worker", async () => {
  await using harness = new Harness({ size: 2, maxQueue: 0 });
  await harness.pool.ready;
  const long = harness.pool.call("hold", ["long"], { estimateMs: 500 });
  await harness.running("long");
  let hasRoom = false;
  await harness.pool.room();
  const room = harness.pool.room({ estimateMs: 500 }).then(() => hasRoom = true);
  await assertRejects(
    () => harness.pool.call("hold", ["other"], { estimateMs: 500 }),
    OverloadedError,
  );
  assertEquals(hasRoom, false);
  // Nothing else tells that long calls may have all workers now.
  harness.clock.advance(10_001);
  await room;
  const other = harness.pool.call("hold", ["other"], { estimateMs: 500 });
  for (const id of ["long", "other"]) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all([long, other]);
});

Deno.test("room() resolves as soon as a call leaves a full queue", async () => {
  const { harness, calls } = await full();
  await using _ = harness;
  let hasRoom = false;
  const room = harness.pool.room().then(() => hasRoom = true);
  await assertRejects(() => harness.pool.call("hold", ["d"]), OverloadedError);
  assertEquals(hasRoom, false);
  harness.release("a");
  await room;
  calls.push(harness.pool.call("hold", ["d"]));
  for (const id of ["b", "c", "d"]) {
    await harness.running(id);
    harness.release(id);
  }
  assertEquals(await Promise.all(calls), ["a", "b", "c", "d"]);
});

Deno.test("room() ends with its signal, or when the pool closes", async () => {
  const { harness, calls } = await full();
  await using _ = harness;
  const controller = new AbortController();
  const room = harness.pool.room({ signal: controller.signal });
  const reason = new Error("no time");
  controller.abort(reason);
  assertEquals(await assertRejects(() => room), reason);
  assertEquals(await assertRejects(() => harness.pool.room(controller)), reason);
  const sealed = harness.pool.room();
  Promise.allSettled(calls);
  harness.pool.close({ graceMs: 0 });
  await sealed;
});

Deno.test("map() waits for room instead of failing in the middle", async () => {
  const { harness, calls } = await full();
  await using _ = harness;
  const source = [["x"], ["y"], ["z"]] as [string][];
  const mapped = Array.fromAsync(harness.pool.map("hold", source, { concurrency: 3 }));
  for (const id of ["a", "b", "c", "x", "y", "z"]) {
    await harness.running(id);
    harness.release(id);
  }
  assertEquals(await mapped, ["x", "y", "z"]);
  await Promise.all(calls);
});

Deno.test("map() ends when its pool is closed while it waits for room", async () => {
  const { harness, calls } = await full();
  await using _ = harness;
  const mapped = Array.fromAsync(harness.pool.map("hold", [["x"]]));
  Promise.allSettled(calls);
  harness.pool.close({ graceMs: 0 });
  await assertRejects(() => mapped, PoolClosedError);
});

Deno.test("cancelWaiting() rejects what has not started, and starts nothing in its place", async () => {
  const { harness, calls } = await full();
  await using _ = harness;
  const settled = Promise.allSettled(calls);
  assertEquals(harness.pool.cancelWaiting(), 2);
  assertEquals(harness.pool.stats().queue.length, 0);
  harness.release("a");
  const [a, b, c] = await settled;
  assertEquals(a, { status: "fulfilled", value: "a" });
  for (const { status, reason } of [b, c] as PromiseRejectedResult[]) {
    assertEquals([status, reason.name], ["rejected", "CancelledError"]);
  }
  assertEquals(harness.started, ["a"]);
  assertEquals(harness.pool.stats().totals.aborted, 2);
  assertEquals(harness.pool.cancelWaiting(), 0);
});

Deno.test("cancelWaiting() takes back what was sent ahead", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.call("echo", [1]);
  const reason = new Error("not any more");
  const calls = ["a", "b", "c"].map((id) => harness.pool.call("hold", [id], { estimateMs: 0.1 }));
  const settled = Promise.allSettled(calls);
  await harness.running("a");
  assertEquals(harness.pool.stats().slots[0].inFlight, 3);
  assertEquals(harness.pool.cancelWaiting(reason), 2);
  harness.release("a");
  assertEquals(await settled, [
    { status: "fulfilled", value: "a" },
    { status: "rejected", reason },
    { status: "rejected", reason },
  ]);
  assertEquals(harness.started, ["a"]);
});

Deno.test("a worker of another build can't be started, and the pool says why", async () => {
  const workers: ScriptedWorker[] = [];
  await using harness = new Harness({
    size: 1,
    spawn() {
      const worker = new ScriptedWorker();
      workers.push(worker);
      queueMicrotask(() => worker.ready(1));
      return worker;
    },
  });
  await harness.event("crashed");
  assertEquals(
    harness.pool.stats().loadFailure,
    "Worker speaks version 1 of the pool's protocol, and the pool 2: they are of different builds",
  );
});

Deno.test("cancelWaiting() in onRun rejects what a worker that has died had not started", async () => {
  await using harness: Harness = new Harness({
    size: 1,
    onRun: () => harness.pool.cancelWaiting(new Error("cancelled")),
  });
  await harness.pool.ready;
  const calls = ["running", "behind"].map((id) =>
    harness.pool.call("hold", [id], { estimateMs: 0.1 }).catch((error) => error.message)
  );
  await harness.running("running");
  harness.workers[0].die();
  assertEquals(await Promise.all(calls), ["Worker died while it ran hold()", "cancelled"]);
});
