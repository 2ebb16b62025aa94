import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { PoolClosedError, WorkerCrashedError, WorkerPool } from "../../lib/pool/mod.ts";
import { FakeWorker } from "./fake_worker.ts";
import { Harness } from "./harness.ts";

Deno.test("stats() is a snapshot of plain data", async () => {
  await using harness = new Harness({ size: 2, maxQueue: 7 });
  await harness.pool.ready;
  const calls = ["a", "b", "c"].map((id) => harness.pool.call("hold", [id], { estimateMs: 9 }));
  await harness.running("a");
  await harness.running("b");
  harness.clock.advance(3);
  const stats = structuredClone(harness.pool.stats());
  assertEquals(stats.state, "open");
  assertEquals(stats.queue, { length: 1, long: 0, max: 7, predictedWaitMs: (6 + 6 + 9) / 2 });
  assertEquals(stats.slots[0], {
    slot: 0,
    state: "busy",
    job: { id: 1, method: "hold", tag: undefined, runningMs: 3 },
    inFlight: 1,
    done: 0,
    failed: 0,
    restarts: 0,
  });
  for (const id of ["a", "b", "c"]) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all(calls);
  assertEquals(stats.totals.done, 0);
  const { totals, waitMs, runMs, transferMs } = harness.pool.stats();
  assertEquals([totals.calls, totals.done], [3, 3]);
  assertEquals([waitMs.count, runMs.count, transferMs.count], [3, 3, 3]);
});

Deno.test("close() lets the calls under way and in the queue finish", async () => {
  await using harness = new Harness({ size: 1 });
  const calls = ["a", "b"].map((id) => harness.pool.call("hold", [id]));
  await harness.running("a");
  const closed = harness.pool.close({ graceMs: 1_000 });
  await assertRejects(() => harness.pool.call("echo", [1]), PoolClosedError, "Pool is closed");
  assertEquals(harness.pool.stats().state, "closing");
  for (const id of ["a", "b"]) {
    await harness.running(id);
    harness.release(id);
  }
  assertEquals(await Promise.all(calls), ["a", "b"]);
  assertEquals(await closed, { abandoned: 0, wedged: 0 });
  assertEquals(harness.pool.stats().state, "closed");
  assertEquals(harness.clock.pending, 0);
});

Deno.test("close() rejects what is left after its grace", async () => {
  await using harness = new Harness({ size: 1 });
  const calls = ["a", "b"].map((id) => harness.pool.call("hold", [id]).catch((error) => error));
  await harness.running("a");
  const closed = harness.pool.close({ graceMs: 1_000 });
  harness.clock.advance(1_000);
  for (const error of await Promise.all(calls)) assertInstanceOf(error, PoolClosedError);
  harness.release("a");
  assertEquals(await closed, { abandoned: 2, wedged: 0 });
  assertEquals(harness.started, ["a"]);
});

Deno.test("close() does not wait for ever for a worker that does not stop", async () => {
  await using harness = new Harness({ size: 1, cancelGraceMs: 200 });
  const call = harness.pool.call("hold", ["a"]).catch((error) => error);
  await harness.running("a");
  const closed = harness.pool.close({ graceMs: 0 });
  harness.clock.advance(0);
  assertInstanceOf(await call, PoolClosedError);
  // A fake worker dies when it is terminated: what is tested is that it comes to that.
  harness.clock.advance(200);
  assertEquals(await closed, { abandoned: 1, wedged: 0 });
});

Deno.test("close() twice is closing once", async () => {
  await using harness = new Harness();
  assert(harness.pool.close() === harness.pool.close({ graceMs: 0 }));
});

Deno.test("close() before the workers are ready ends them", async () => {
  await using harness = new Harness({ spawn: () => new FakeWorker(undefined) });
  assertEquals(await harness.pool.close(), { abandoned: 0, wedged: 0 });
});

Deno.test("listeners and tracers that throw do not disturb the pool", async () => {
  const errors: string[] = [];
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.error.message);
  };
  const fail = (message: string) => () => {
    throw new Error(message);
  };
  globalThis.addEventListener("error", caught);
  try {
    await using harness = new Harness({
      size: 1,
      onEvent: fail("event"),
      onRun: fail("run"),
      tracer: () => ({ started: fail("started"), ended: fail("ended") }),
    });
    assertEquals(await harness.pool.call("echo", [1], { onTiming: fail("timing") }), 1);
    assertEquals(new Set(errors), new Set(["event", "run", "started", "ended", "timing"]));
    const lost = assertRejects(() => harness.pool.call("hold", ["a"]), WorkerCrashedError);
    await harness.running("a");
    harness.workers[0].die();
    await lost;
  } finally {
    globalThis.removeEventListener("error", caught);
  }
});

Deno.test("WorkerPool refuses options that make no sense", () => {
  const spawn = () => new FakeWorker(undefined);
  const bad = [
    { size: 0 },
    { size: 1.5 },
    { maxQueue: -1 },
    { maxWedged: NaN },
    { cancelGraceMs: -1 },
    { startTimeoutMs: NaN },
  ];
  for (const options of bad) {
    const [name, value] = Object.entries(options)[0];
    const error = assertThrows(() => new WorkerPool({ spawn, ...options }), RangeError, name);
    assertStringIncludes(error.message, String(value));
  }
});

Deno.test("call() refuses options that make no sense", async () => {
  await using harness = new Harness();
  for (const options of [{ deadlineMs: -1 }, { maxWaitMs: NaN }, { estimateMs: -5 }]) {
    await assertRejects(() => harness.pool.call("echo", [1], options), RangeError);
  }
});
