// What must not grow with the number of workers, or can't be seen with few of them.

import { assert, assertEquals, assertObjectMatch, assertRejects } from "@std/assert";
import { PoolClosedError, WorkerPool } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { Harness } from "./harness.ts";

Deno.test("calls go round all of many workers, and one that is free is found among them", async () => {
  const size = 64;
  await using harness = new Harness({ size });
  const { pool, held } = harness;
  await pool.ready;
  const ids = Array.from({ length: size + 1 }, (_, i) => String(i));
  const calls = ids.map((id) => pool.call("hold", [id]));
  await harness.running(String(size - 1));
  const inOrder = ids.slice(0, size);
  assertEquals(inOrder.map((id) => held.get(id)!.worker), inOrder.map(Number));
  assertEquals([pool.stats().queue.length, pool.health().serving], [1, size]);
  harness.release("40");
  await harness.running(String(size));
  assertEquals(held.get(String(size))!.worker, 40);
  for (const id of [...held.keys()]) harness.release(id);
  assertEquals(await Promise.all(calls), ids);
});

Deno.test("health() tells how many workers take calls, and how many will", async () => {
  await using harness = new Harness({ size: 3 });
  const { pool } = harness;
  await pool.ready;
  const open = { state: "open", loadFailure: null } as const;
  assertObjectMatch(pool.health(), { ...open, usable: 3, serving: 3 });
  const held = pool.call("hold", ["a"]).catch(() => {});
  await harness.running("a");
  assertObjectMatch(pool.health(), { ...open, usable: 3, serving: 3 });
  harness.workers[1]!.die();
  await harness.event("crashed");
  assertObjectMatch(pool.health(), { ...open, usable: 3, serving: 2 });
  harness.release("a");
  await held;
  await pool.close();
  assertObjectMatch(pool.health(), { ...open, state: "closed", usable: 0, serving: 0 });
});

Deno.test("health() of a pool whose workers can't be started is failing, with the reason", async () => {
  const clock = new FakeClock();
  await using pool = new WorkerPool({
    size: 2,
    clock,
    spawn: () => {
      throw new Error("no such file");
    },
  });
  assertEquals(pool.health().state, "open");
  clock.advance(10_000);
  assertObjectMatch(pool.health(), {
    state: "failing",
    loadFailure: "no such file",
    usable: 0,
    serving: 0,
  });
});

Deno.test("close() ends all of many workers, though not at once", async () => {
  await using harness = new Harness({ size: 64 });
  await harness.pool.ready;
  assertEquals(await harness.pool.close(), { abandoned: 0, wedged: 0 });
  assertEquals(harness.workers.filter(({ ended }) => !ended), []);
});

Deno.test("close() that ends no thread leaves the workers idle, and the pool closed", async () => {
  await using harness = new Harness({ size: 2 });
  const { pool, workers } = harness;
  await pool.ready;
  const held = pool.call("hold", ["a"]);
  await harness.running("a");
  const closed = pool.close({ terminate: false });
  harness.release("a");
  assertEquals(await held, "a");
  assertEquals(await closed, { abandoned: 0, wedged: 0 });
  assert(workers.every(({ ended }) => !ended));
  assertEquals(pool.stats().slots.map(({ state }) => state), ["closed", "closed"]);
  await assertRejects(() => pool.call("echo", [1]), PoolClosedError);
  assertEquals(harness.clock.pending, 0);
  // Whatever becomes of them, none has a successor.
  for (const worker of workers) worker.terminate();
  await new Promise((resolve) => setTimeout(resolve, 0));
  harness.clock.advance(10_000);
  assertEquals(workers.length, 2);
});
