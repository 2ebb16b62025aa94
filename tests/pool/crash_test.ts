import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { PoolClosedError, WorkerCrashedError } from "../../lib/pool/mod.ts";
import { FakeWorker } from "./fake_worker.ts";
import { Harness } from "./harness.ts";

Deno.test("a crash costs the call that was running, and no other", async () => {
  await using harness = new Harness({ size: 2 });
  const a = harness.pool.call("hold", ["a"]).catch((error) => error);
  const b = harness.pool.call("hold", ["b"]);
  const c = harness.pool.call("hold", ["c"]);
  await harness.running("a");
  await harness.running("b");
  harness.workers[harness.held.get("a")!.worker].crash("boom");
  const error = await a;
  assertInstanceOf(error, WorkerCrashedError);
  assertEquals((error.cause as Error).message, "boom");
  await harness.event("crashed");
  harness.clock.advance(10);
  await harness.running("c");
  for (const id of ["b", "c"]) harness.release(id);
  assertEquals(await Promise.all([b, c]), ["b", "c"]);
  const { totals } = harness.pool.stats();
  assertEquals([totals.crashed, totals.done, totals.restarts], [1, 2, 1]);
});

Deno.test("a call that was sent ahead survives the crash of the one before it", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const a = harness.pool.call("hold", ["a"], { estimateMs: 0.1 }).catch((error) => error);
  const b = harness.pool.call("hold", ["b"], { estimateMs: 0.1 });
  await harness.running("a");
  assertEquals(harness.pool.stats().slots[0].inFlight, 2);
  harness.workers[0].die();
  assertInstanceOf(await a, WorkerCrashedError);
  harness.clock.advance(10);
  await harness.running("b");
  harness.release("b");
  assertEquals(await b, "b");
});

Deno.test("a silent death is noticed", async () => {
  await using harness = new Harness({ size: 1 });
  const call = assertRejects(() => harness.pool.call("hold", ["a"]), WorkerCrashedError);
  await harness.running("a");
  harness.workers[0].die();
  await call;
});

Deno.test("an error event that comes after its worker's death is nobody's", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  harness.workers[0].die();
  await harness.event("crashed");
  harness.workers[0].crash("late news");
  harness.clock.advance(10);
  const call = harness.pool.call("hold", ["a"]);
  await harness.running("a");
  harness.clock.advance(1_000);
  harness.release("a");
  assertEquals(await call, "a");
  assertEquals(harness.pool.stats().totals.wedged, 0);
});

Deno.test("a pure call is tried once more when its worker dies, after those that wait", async () => {
  await using harness = new Harness({ size: 1 });
  const a = harness.pool.call("hold", ["a"], { pure: true });
  const b = harness.pool.call("hold", ["b"]);
  await harness.running("a");
  harness.held.delete("a");
  harness.workers[0].die();
  await harness.event("crashed");
  harness.clock.advance(20);
  await harness.running("b");
  harness.release("b");
  await b;
  await harness.running("a");
  harness.release("a");
  assertEquals(await a, "a");
  assertEquals(harness.started, ["a", "b", "a"]);
});

Deno.test("a pure call that kills two workers is not tried a third time", async () => {
  await using harness = new Harness({ size: 1 });
  const call = harness.pool.call("hold", ["a"], { pure: true }).catch((error) => error);
  await harness.running("a");
  harness.held.delete("a");
  harness.workers[0].die();
  await harness.event("crashed");
  harness.clock.advance(10);
  await harness.running("a");
  harness.workers[1].die();
  assertInstanceOf(await call, WorkerCrashedError);
});

Deno.test("a slot waits longer before each restart, up to a bound, and forgets it after an answer", async () => {
  await using harness = new Harness({ size: 1 });
  const crashes = () => harness.events.filter(({ type }) => type === "crashed").length;
  await harness.pool.ready;
  for (const pauseMs of [10, 20, 40, 80, 160, 250, 250]) {
    const before = crashes();
    const spawned = harness.workers.length;
    harness.workers[spawned - 1].die();
    await harness.until(() => crashes() > before);
    harness.clock.advance(pauseMs - 1);
    assertEquals(harness.workers.length, spawned);
    harness.clock.advance(1);
    assertEquals(harness.workers.length, spawned + 1);
    const ready = harness.events.length + 1;
    await harness.until(() => harness.events.length >= ready);
  }
  await harness.pool.call("echo", [1]);
  harness.clock.advance(1_000); // Away from the last start.
  const before = crashes();
  harness.workers.at(-1)!.die();
  await harness.until(() => crashes() > before);
  const spawned = harness.workers.length;
  harness.clock.advance(10);
  assertEquals(harness.workers.length, spawned + 1);
});

Deno.test("workers that die at once are not all replaced at once", async () => {
  await using harness = new Harness({ size: 3 });
  await harness.pool.ready;
  const crashes = () => harness.events.filter(({ type }) => type === "crashed").length;
  for (const worker of harness.workers.slice()) worker.die();
  await harness.until(() => crashes() === 3);
  harness.clock.advance(10);
  assertEquals(harness.workers.length, 4);
  harness.clock.advance(20);
  assertEquals(harness.workers.length, 5);
  harness.clock.advance(20);
  assertEquals(harness.workers.length, 6);
});

Deno.test("a pool none of whose workers can be started rejects its calls, and says why", async () => {
  let spawned = 0;
  await using harness = new Harness({
    size: 1,
    spawn: () => {
      spawned++;
      throw new Error("no such module");
    },
  });
  const { pool, clock } = harness;
  const waiting = pool.call("echo", [1]).catch((error) => error);
  const ready = pool.ready.catch((error) => error);
  clock.advance(10_000);
  for (const error of [await waiting, await ready, await pool.call("echo", [2]).catch((e) => e)]) {
    assertInstanceOf(error, WorkerCrashedError);
    assertEquals((error.cause as Error).message, "no such module");
  }
  assertEquals(spawned, 8);
  assertEquals(pool.stats().state, "failing");
  assertEquals(pool.stats().slots[0].state, "failed");
  await harness.event("failed");
});

Deno.test("a worker that never gets ready is given up after startTimeoutMs", async () => {
  let spawned = 0;
  await using harness: Harness = new Harness({
    size: 1,
    startTimeoutMs: 500,
    spawn: () => ++spawned === 1 ? new FakeWorker(undefined) : harness.spawn(),
  });
  const call = harness.pool.call("echo", ["patience"]);
  harness.clock.advance(500);
  const { error } = await harness.event("crashed");
  assertEquals(error.message, "Worker was not ready within 500 ms");
  harness.clock.advance(10);
  assertEquals(await call, "patience");
});

Deno.test("ready resolves when each worker takes calls", async () => {
  await using harness = new Harness({ size: 3 });
  await harness.pool.ready;
  assertEquals(harness.pool.stats().slots.map(({ state }) => state), ["idle", "idle", "idle"]);
});

Deno.test("ready rejects when the pool is closed before", async () => {
  await using harness = new Harness({ spawn: () => new FakeWorker(undefined) });
  const ready = assertRejects(() => harness.pool.ready, PoolClosedError);
  harness.pool.close();
  await ready;
});

Deno.test("ready rejects when setup keeps every thread for ever, and stats() say why", async () => {
  let wedged!: FakeWorker;
  {
    await using harness = new Harness({
      size: 1,
      maxWedged: 0,
      startTimeoutMs: 500,
      setup: { method: "hold", args: ["setup"] },
      spawn: () => {
        wedged = new FakeWorker({ hold: () => new Promise(() => {}) });
        wedged.terminate = () => {};
        return wedged;
      },
    });
    const ready = assertRejects(
      () => harness.pool.ready,
      WorkerCrashedError,
      "No worker can be started",
    );
    await harness.passTimeUntil(() => harness.events.some(({ type }) => type === "wedged"));
    await ready;
    assertEquals(harness.pool.stats().loadFailure, "Worker was not ready within 500 ms");
  }
  wedged.die();
});
