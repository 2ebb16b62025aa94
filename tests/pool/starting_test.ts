// How a pool's workers start, and how it ends before they have.

import { assertEquals, assertRejects } from "@std/assert";
import { PoolClosedError, WorkerPool } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { ScriptedWorker, valueOf } from "./scripted_worker.ts";

interface Api {
  echo(value: unknown): unknown;
}

/** A pool whose workers are ready as soon as they are there, unless they are `silent`. */
function fixture({ size = 4, silent = false } = {}) {
  const clock = new FakeClock();
  const startedAt: number[] = [];
  const workers: ScriptedWorker[] = [];
  const pool = new WorkerPool<Api>({
    size,
    clock,
    spawn: () => {
      startedAt.push(clock.now());
      const worker = new ScriptedWorker();
      workers.push(worker);
      if (!silent) queueMicrotask(() => worker.ready());
      return worker;
    },
  });
  return { clock, startedAt, workers, pool };
}

Deno.test("WorkerPool starts its first worker after 12 ms, and one each 20 ms from then on", async () => {
  const { clock, startedAt, pool } = fixture();
  assertEquals(startedAt, []);
  clock.advance(11);
  assertEquals(startedAt, []);
  clock.advance(1_000);
  assertEquals(startedAt, [12, 32, 52, 72]);
  await pool.ready;
  assertEquals(clock.pending, 0);
  await pool.close();
});

Deno.test("WorkerPool starts no worker early because another one is ready, or late because it is not", async () => {
  for (const silent of [false, true]) {
    const { clock, startedAt, pool } = fixture({ silent });
    for (let ms = 0; ms < 100; ms++) {
      await null;
      clock.advance(1);
    }
    assertEquals(startedAt, [12, 32, 52, 72]);
    await pool.close();
  }
});

Deno.test("WorkerPool runs calls as soon as its first worker is ready", async () => {
  const { clock, workers, pool } = fixture();
  const call = pool.call("echo", ["early"]);
  clock.advance(12);
  await null;
  await null;
  assertEquals(workers.map(({ sent }) => sent), [[["early"]]]);
  workers[0].posts[0].reply(valueOf(workers[0].call("early")));
  assertEquals(await call, "early");
  assertEquals(pool.stats().slots.map(({ state }) => state), [
    "idle",
    ...Array(3).fill("starting"),
  ]);
  await pool.close();
});

Deno.test.each([0, 1, 2, 3, 4])(
  "close() when %d of 4 workers have started starts no other, and leaves no timer",
  async (started) => {
    const { clock, startedAt, pool } = fixture();
    clock.advance(started === 0 ? 11 : 12 + 20 * (started - 1));
    await null;
    const ready = started < 4 ? assertRejects(() => pool.ready, PoolClosedError) : pool.ready;
    assertEquals(await pool.close(), { abandoned: 0, wedged: 0 });
    await ready;
    assertEquals(clock.pending, 0);
    clock.advance(10_000);
    assertEquals(startedAt.length, started);
    assertEquals(pool.stats().state, "closed");
  },
);

Deno.test("close() before any worker has started rejects what waits when its grace has passed", async () => {
  const { clock, startedAt, pool } = fixture();
  const call = assertRejects(() => pool.call("echo", ["a"]), PoolClosedError);
  const closed = pool.close({ graceMs: 5 });
  clock.advance(5);
  await call;
  assertEquals(await closed, { abandoned: 1, wedged: 0 });
  assertEquals([startedAt, clock.pending], [[], 0]);
});
