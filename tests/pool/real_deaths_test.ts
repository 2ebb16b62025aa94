/** How real workers end, or don't. */

import { assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { WorkerCrashedError } from "../../lib/pool/mod.ts";
import { realPool, test } from "./real_pool.ts";

test("a thread that nothing stops is counted as wedged, and replaced", async () => {
  const flag = new Int32Array(new SharedArrayBuffer(8));
  await using real = realPool({ cancelGraceMs: 50 });
  const controller = new AbortController();
  const call = real.pool.call("spinAfterAwait", [flag], { signal: controller.signal });
  const rejected = assertRejects(() => call, Error, "enough");
  while (Atomics.load(flag, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort(new Error("enough"));
  await rejected;
  const { error } = await real.event("wedged");
  assertStringIncludes(error.message, "did not stop spinAfterAwait()");
  assertEquals(real.pool.stats().totals.wedged, 1);
  assertEquals(await real.pool.call("echo", ["beside it"]), "beside it");
  assertEquals(real.pool.stats().state, "open");
  Atomics.store(flag, 0, 1);
  await real.event("unwedged");
  assertEquals(real.pool.stats().totals.wedged, 0);
});

test("past the limit of wedged threads the pool is failing, and rejects; it recovers with them", async () => {
  const flag = new Int32Array(new SharedArrayBuffer(8));
  await using real = realPool({ cancelGraceMs: 50, maxWedged: 0 });
  const controller = new AbortController();
  const call = real.pool.call("spinAfterAwait", [flag], { signal: controller.signal });
  const rejected = assertRejects(() => call, Error, "enough");
  while (Atomics.load(flag, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const waiting = assertRejects(() => real.pool.call("echo", [1]), WorkerCrashedError);
  controller.abort(new Error("enough"));
  await rejected;
  await real.event("wedged");
  await waiting;
  assertEquals(real.pool.stats().state, "failing");
  assertEquals(real.pool.stats().slots[0].state, "wedged");
  await assertRejects(() => real.pool.call("echo", [2]), WorkerCrashedError);
  Atomics.store(flag, 0, 1);
  await real.event("unwedged");
  assertEquals(await real.pool.call("echo", ["again"]), "again");
  assertEquals(real.pool.stats().state, "open");
});

test("a thread that is wedged when the pool is closed is counted", async () => {
  const flag = new Int32Array(new SharedArrayBuffer(8));
  const real = realPool({ cancelGraceMs: 50 });
  const call = real.pool.call("spinAfterAwait", [flag]).catch((error) => error);
  while (Atomics.load(flag, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(await real.pool.close({ graceMs: 0 }), { abandoned: 1, wedged: 1 });
  assertEquals((await call).name, "PoolClosedError");
  assertEquals(real.pool.stats().totals.wedged, 1);
  Atomics.store(flag, 0, 1);
  await real.event("unwedged");
  assertEquals(real.pool.stats().totals.wedged, 0);
});

test("of several slots that are empty for wedged threads, one is filled for each that ends", async () => {
  const flags = [0, 1].map(() => new Int32Array(new SharedArrayBuffer(8)));
  await using real = realPool({ size: 2, cancelGraceMs: 50, maxWedged: 0 });
  const stop = new AbortController();
  const calls = flags.map((flag) =>
    real.pool.call("spinAfterAwait", [flag], { signal: stop.signal }).catch(() => {})
  );
  for (const flag of flags) {
    while (Atomics.load(flag, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  stop.abort();
  await Promise.all(calls);
  await real.event("wedged");
  while (real.pool.stats().totals.wedged < 2) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  Atomics.store(flags[1], 0, 1);
  await real.event("unwedged");
  assertEquals(await real.pool.call("echo", ["one of two"]), "one of two");
  assertEquals(real.pool.stats().slots.filter(({ state }) => state === "wedged").length, 1);
  Atomics.store(flags[0], 0, 1);
  while (real.pool.stats().totals.wedged > 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(real.pool.stats().state, "open");
});

for (
  const [fixture, startTimeoutMs, message] of [
    ["throws_on_load", 5_000, "thrown while loading"],
    ["closes_on_load", 100, "not ready within 100 ms"],
    ["never_serves", 100, "not ready within 100 ms"],
  ] as const
) {
  test(`a module that ${fixture.replaceAll("_", " ")} fails the pool, with the reason`, async () => {
    await using real = realPool({ fixture, startTimeoutMs });
    const call = real.pool.call("echo", [1]).catch((error) => error);
    const ready = await real.pool.ready.catch((error) => error);
    for (const error of [ready, await call]) {
      assertInstanceOf(error, WorkerCrashedError);
      assertInstanceOf(error.cause, Error);
      assertStringIncludes(error.cause.message, message);
    }
    assertEquals(real.pool.stats().state, "failing");
  });
}

test("close() ends the threads, busy ones included", async () => {
  const real = realPool({ size: 2, cancelGraceMs: 1_000 });
  await real.pool.ready;
  const calls = [0, 1].map(() => real.pool.call("spinChecked", []).catch((error) => error));
  const report = await real.pool.close({ graceMs: 10 });
  assertEquals(report, { abandoned: 2, wedged: 0 });
  for (const error of await Promise.all(calls)) assertEquals(error.name, "PoolClosedError");
});
