import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import {
  DeadlineExceededError,
  OverloadedError,
  type Run,
  WorkerCrashedError,
  type WorkerPoolOptions,
} from "../../lib/pool/mod.ts";
import { cached } from "../../lib/pool/cached.ts";
import { Harness, type HarnessApi } from "./harness.ts";

/** One worker, unless told otherwise, and what `onRun` is told. */
function fixture(options: Partial<WorkerPoolOptions<HarnessApi>> = {}) {
  const runs: Run[] = [];
  const harness = new Harness({ size: 1, onRun: (run) => runs.push(run), ...options });
  return {
    harness,
    runs,
    pool: harness.pool,
    /** The number of each call that has run, and how that ended. */
    ends: () => runs.map(({ id, end }) => `${id} ${end}`),
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

Deno.test("onRun tells of a run: which call, where, since when, for how long, and its end", async () => {
  await using self = fixture({ size: 2 });
  const { harness, runs, pool } = self;
  await pool.ready;
  await pool.call("echo", [0]);
  harness.clock.advance(100);
  const tag = { any: "thing" };
  const startedAt = harness.clock.now();
  const call = pool.call("hold", ["a"], { tag });
  await harness.running("a");
  harness.clock.advance(50);
  assertEquals(runs.length, 1);
  harness.release("a");
  await call;
  const { runMs, ...run } = runs[1];
  assertEquals(run, { id: 2, method: "hold", tag, slot: 1, startedAt, end: "done" });
  assert(run.tag === tag);
  // Measured in the worker, whose time is the real one.
  assertGreaterOrEqual(runMs, 0);
  assertEquals(runs.length, 2);
});

Deno.test("onRun is told before the call's end is", async () => {
  await using self = fixture();
  assertEquals(await self.pool.call("echo", [1]).then(() => self.ends()), ["1 done"]);
});

Deno.test("onRun is told of a call's own error", async () => {
  await using self = fixture();
  const call = assertRejects(() => self.pool.call("hold", ["a"]), RangeError);
  await self.harness.running("a");
  self.harness.held.get("a")!.reject(new RangeError("own error"));
  await call;
  assertEquals(self.ends(), ["1 failed"]);
});

Deno.test("onRun is told of an aborted call when its worker has stopped, once", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  const controller = new AbortController();
  const call = assertRejects(() => pool.call("hold", ["a"], { signal: controller.signal }));
  await harness.running("a");
  controller.abort();
  await call;
  assertEquals(self.ends(), []);
  harness.held.get("a")!.reject(new Error("as a checkpoint does"));
  await pool.call("echo", ["next"]);
  assertEquals(self.ends(), ["1 stopped", "2 done"]);
});

Deno.test("onRun is told of a call that is cut by its deadline", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  const call = assertRejects(
    () => pool.call("hold", ["a"], { deadlineMs: 50 }),
    DeadlineExceededError,
  );
  await harness.running("a");
  harness.clock.advance(50);
  await call;
  harness.held.get("a")!.reject(new Error("as a checkpoint does"));
  await pool.call("echo", ["next"]);
  assertEquals(self.ends(), ["1 stopped", "2 done"]);
});

Deno.test("onRun is told how a run ended, not how its call did", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  const controller = new AbortController();
  const call = assertRejects(() => pool.call("hold", ["a"], { signal: controller.signal }));
  await harness.running("a");
  controller.abort();
  harness.release("a");
  await call;
  await pool.call("echo", ["next"]);
  assertEquals(self.ends(), ["1 done", "2 done"]);
});

Deno.test("onRun is told of a run that is lost with its worker, by the pool's clock", async () => {
  await using self = fixture();
  const { harness, runs, pool } = self;
  const call = assertRejects(() => pool.call("hold", ["a"]), WorkerCrashedError);
  await harness.running("a");
  const now = harness.clock.now();
  harness.clock.advance(70);
  harness.workers[0].die();
  await call;
  assertEquals(self.ends(), ["1 lost"]);
  assertEquals([runs[0].startedAt + runs[0].runMs], [now + 70]);
});

Deno.test("onRun is told of both runs of a pure call whose worker died", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  const call = pool.call("hold", ["a"], { pure: true });
  await harness.running("a");
  harness.held.delete("a");
  harness.workers[0].die();
  await harness.event("crashed");
  harness.clock.advance(10);
  await harness.running("a");
  harness.release("a");
  await call;
  assertEquals(self.ends(), ["1 lost", "1 done"]);
});

Deno.test("onRun is told of a run whose value died with its worker", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  const call = pool.call("hold", ["a"], { pure: true });
  await harness.running("a");
  // It is done in this turn, and can't be told any more.
  harness.release("a");
  harness.workers[0].die();
  await harness.passTimeUntil(() => harness.held.has("a"));
  harness.release("a");
  await call;
  assertEquals(self.ends(), ["1 lost", "1 done"]);
});

Deno.test("onRun is told of an aborted call that took its worker along", async () => {
  await using self = fixture({ cancelGraceMs: 300 });
  const { harness, pool } = self;
  const controller = new AbortController();
  const call = assertRejects(() => pool.call("hold", ["a"], { signal: controller.signal }));
  await harness.running("a");
  controller.abort();
  await call;
  harness.clock.advance(300);
  await harness.event("crashed");
  assertEquals(self.ends(), ["1 lost"]);
});

Deno.test("onRun is not told of calls that never ran", async () => {
  await using self = fixture({ maxQueue: 1 });
  const { harness, pool } = self;
  await pool.ready;
  const unposted = new AbortController();
  const inTheSameTurn = assertRejects(() =>
    pool.call("hold", ["unposted"], { signal: unposted.signal })
  );
  unposted.abort();
  await inTheSameTurn;
  await assertRejects(() => pool.call("hold", ["aborted"], { signal: AbortSignal.abort() }));

  const running = pool.call("hold", ["running"], { estimateMs: 1_000 });
  await harness.running("running");
  const waiting = new AbortController();
  const left = assertRejects(() => pool.call("hold", ["waiting"], { signal: waiting.signal }));
  await assertRejects(() => pool.call("hold", ["refused"]), OverloadedError, "full");
  waiting.abort();
  await left;
  const late = assertRejects(() => pool.call("hold", ["late"], { maxWaitMs: 1_000 }));
  harness.clock.advance(1_000);
  await late;
  harness.release("running");
  await running;
  assertEquals(self.runs.map(({ id }) => id), [3]);
  assertEquals(harness.started, ["running"]);
});

Deno.test("onRun is told once of a call that was sent ahead and taken back", async () => {
  await using self = fixture({ size: 2 });
  const { harness, pool } = self;
  await pool.ready;
  const busy = pool.call("hold", ["busy"], { estimateMs: 1_000 });
  await harness.running("busy");
  const liar = pool.call("hold", ["liar"], { estimateMs: 0.1 });
  const behind = pool.call("hold", ["behind"], { estimateMs: 0.1 });
  await harness.running("liar");
  harness.release("busy");
  await busy;
  harness.clock.advance(10);
  await harness.running("behind");
  harness.release("behind");
  await behind;
  harness.release("liar");
  await liar;
  // By now its first worker has skipped it.
  await Promise.all([pool.call("echo", [1]), pool.call("echo", [2])]);
  assertEquals(self.ends(), ["1 done", "3 done", "2 done", "4 done", "5 done"]);
});

Deno.test("onRun is not told of a call whose arguments could not be sent", async () => {
  await using self = fixture();
  await assertRejects(() => self.pool.call("echo", [() => {}]), DOMException);
  await self.pool.call("echo", [1]);
  assertEquals(self.ends(), ["2 done"]);
});

Deno.test("onRun may make calls, abort calls and close the pool", async () => {
  const controller = new AbortController();
  const made: Promise<unknown>[] = [];
  await using self: ReturnType<typeof fixture> = fixture({
    onRun: ({ id }) => {
      self.runs.push({ id } as Run);
      if (id > 2) return;
      made.push(self.pool.call("echo", [`after ${id}`]));
      // The call itself, which is about to be told its value, and one that waits.
      controller.abort(new Error("left"));
      if (id === 2) self.pool.close();
    },
  });
  const { harness, pool } = self;
  await pool.ready;
  const { signal } = controller;
  const calls = [
    pool.call("hold", ["a"], { signal }),
    pool.call("echo", ["b"]),
    pool.call("echo", ["c"], { signal }),
  ].map((call) => call.catch((error) => error.message));
  await harness.running("a");
  harness.release("a");
  assertEquals(await Promise.all(calls), ["left", "b", "left"]);
  const outcomes = made.map((call) => call.catch((error) => error.message));
  assertEquals(await Promise.all(outcomes), ["after 1", "after 2"]);
  await pool.close();
  assertEquals(self.runs.map(({ id }) => id), [1, 2, 4, 5]);
});

Deno.test("a call's tag is in stats() while it runs, and stays here", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  // To send it would fail.
  const tag = () => {};
  const call = pool.call("hold", ["a"], { tag });
  await harness.running("a");
  const { job } = pool.stats().slots[0];
  assert(job!.tag === tag);
  harness.release("a");
  await call;
  assert(self.runs[0].tag === tag);
});

Deno.test("observe() tells others of the same, from then on", async () => {
  await using self = fixture();
  const { harness, pool } = self;
  await pool.call("echo", [1]);
  const told: string[] = [];
  pool.observe({ onRun: ({ id, end }) => told.push(`${id} ${end}`) });
  pool.observe({ onEvent: ({ type }) => told.push(type) });
  await pool.call("echo", [2]);
  assertEquals(told, ["2 done"]);
  harness.workers[0].crash("boom");
  const call = pool.call("echo", [3]);
  await harness.event("crashed");
  harness.clock.advance(10);
  await call;
  assertEquals(told, ["2 done", "crashed", "ready", "3 done"]);
  assertEquals(self.ends(), ["1 done", "2 done", "3 done"]);
});

Deno.test("an observer that adds another one is not told twice of a run", async () => {
  await using harness = new Harness();
  const { pool } = harness;
  const told: number[] = [];
  const observer = {
    onRun: ({ id }: { id: number }) => {
      told.push(id);
      if (told.length < 10) pool.observe(observer);
    },
  };
  pool.observe(observer);
  await pool.call("echo", ["a"]);
  await pool.call("echo", ["b"]);
  assertEquals(told, [1, 2, 2]);
});

Deno.test("observe() of what is cached tells of the pool's runs", async () => {
  await using self = fixture();
  const backend = cached(self.pool, { maxBytes: 1e6 });
  const told: number[] = [];
  backend.observe!({ onRun: ({ id }) => told.push(id) });
  for (let i = 0; i < 2; i++) await backend.call("echo", [1], { pure: true });
  assertEquals(told, [1]);
});
