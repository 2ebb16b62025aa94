import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  WorkerCrashedError,
  WorkerPool,
} from "../../lib/pool/mod.ts";
import { FakeWorker } from "./fake_worker.ts";
import { Harness } from "./harness.ts";

Deno.test("call() resolves with the method's result", async () => {
  await using harness = new Harness();
  assertEquals(await harness.pool.call("echo", [{ a: [1, 2] }]), { a: [1, 2] });
});

Deno.test("call() waits for a worker when it is made before any is ready", async () => {
  await using harness = new Harness({ size: 1 });
  const call = harness.pool.call("echo", ["early"]);
  assertEquals(harness.pool.stats().slots[0].state, "starting");
  assertEquals(await call, "early");
});

Deno.test("call() is round-robin over the slots of an idle pool", async () => {
  await using harness = new Harness({ size: 3 });
  await harness.pool.ready;
  const slots: number[] = [];
  for (let i = 0; i < 6; i++) {
    await harness.pool.call("echo", [i], { onTiming: ({ slot }) => slots.push(slot) });
  }
  assertEquals(slots, [0, 1, 2, 0, 1, 2]);
});

Deno.test("call() passes over a slot that is busy", async () => {
  await using harness = new Harness({ size: 2 });
  await harness.pool.ready;
  const slow = harness.pool.call("hold", ["slow"]);
  await harness.running("slow");
  const slots: number[] = [];
  for (let i = 0; i < 3; i++) {
    await harness.pool.call("echo", [i], { onTiming: ({ slot }) => slots.push(slot) });
  }
  assertEquals(slots, [1, 1, 1]);
  harness.release("slow");
  await slow;
});

Deno.test("calls start in the order they were made", async () => {
  await using harness = new Harness({ size: 1 });
  const ids = ["a", "b", "c", "d"];
  const calls = ids.map((id) => harness.pool.call("hold", [id]));
  for (const id of ids) {
    await harness.running(id);
    harness.release(id);
  }
  assertEquals(await Promise.all(calls), ids);
  assertEquals(harness.started, ids);
});

Deno.test("a call that is estimated short is sent ahead, and taken back when the one before it is late", async () => {
  await using harness = new Harness({ size: 2 });
  await harness.pool.ready;
  const busy = harness.pool.call("hold", ["busy"], { estimateMs: 1_000 });
  await harness.running("busy");
  // Both are estimated short, so the second is sent to the same worker; but the first is not.
  const liar = harness.pool.call("hold", ["liar"], { estimateMs: 0.1 });
  const behind = harness.pool.call("hold", ["behind"], { estimateMs: 0.1 });
  await harness.running("liar");
  assertEquals(harness.pool.stats().queue.length, 0);
  assertEquals(harness.pool.stats().slots[1].inFlight, 2);
  harness.release("busy");
  await busy;
  harness.clock.advance(10);
  // It was taken back, and the worker that is free now runs it.
  await harness.running("behind");
  assertEquals(harness.held.get("behind")!.worker, 0);
  harness.release("behind");
  harness.release("liar");
  assertEquals(await Promise.all([liar, behind]), ["liar", "behind"]);
  assertEquals(harness.started, ["busy", "liar", "behind"]);
});

Deno.test("calls that are taken back keep their order, before those that wait", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const ids = ["a", "b", "c", "d"];
  const calls = ids.map((id) =>
    harness.pool.call("hold", [id], { estimateMs: id === "c" ? 9 : 0.1 })
  );
  await harness.running("a");
  assertEquals(harness.pool.stats().slots[0].inFlight, 3);
  harness.clock.advance(10);
  assertEquals(harness.pool.stats().queue.length, 3);
  for (const id of ids) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all(calls);
  assertEquals(harness.started, ids);
});

Deno.test("a call goes to a worker that is idle, rather than behind another", async () => {
  await using harness = new Harness({ size: 2 });
  await harness.pool.ready;
  const call = (id: string) => harness.pool.call("hold", [id], { estimateMs: 0.1 });
  const [a, b] = [call("a"), call("b")];
  await harness.running("a");
  await harness.running("b");
  // It is the turn of the slot of "a", which has room behind it; but that of "b" is idle by now.
  harness.release("b");
  await b;
  const c = call("c");
  await harness.running("c");
  for (const id of ["a", "c"]) harness.release(id);
  assertEquals(await Promise.all([a, c]), ["a", "c"]);
});

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

Deno.test("an estimate without bound holds its worker, and is forgotten with its call", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const ids = ["a", "b"];
  const calls = ids.map((id) => harness.pool.call("hold", [id], { estimateMs: Infinity }));
  await harness.running("a");
  assert(harness.pool.stats().queue.predictedWaitMs >= 1e9);
  for (const id of ids) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all(calls);
  assertEquals(harness.pool.stats().queue.predictedWaitMs, 0);
});

Deno.test("a signal that is aborted already rejects the call before it takes any place", async () => {
  await using harness = new Harness({ size: 1, maxQueue: 0 });
  const reason = new Error("changed my mind");
  const signal = AbortSignal.abort(reason);
  const error = await harness.pool.call("hold", ["a"], { signal }).catch((error) => error);
  assertEquals(error, reason);
  assertEquals(harness.started, []);
});

Deno.test("abort of a waiting call leaves the queue behind it intact", async () => {
  await using harness = new Harness({ size: 1 });
  const controller = new AbortController();
  const reason = { any: "value" };
  const a = harness.pool.call("hold", ["a"]);
  const b = harness.pool.call("hold", ["b"], { signal: controller.signal });
  const c = harness.pool.call("hold", ["c"]);
  const rejected = b.catch((error) => error);
  await harness.running("a");
  controller.abort(reason);
  assertEquals(await rejected, reason);
  assertEquals(harness.pool.stats().queue.length, 1);
  harness.release("a");
  await harness.running("c");
  harness.release("c");
  assertEquals(await Promise.all([a, c]), ["a", "c"]);
  assertEquals(harness.started, ["a", "c"]);
});

Deno.test("abort of a call that is not posted yet leaves its worker to the next", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const controller = new AbortController();
  const a = harness.pool.call("echo", ["a"], { signal: controller.signal });
  const b = harness.pool.call("echo", ["b"]);
  const rejected = assertRejects(() => a, Error, "in the same turn");
  controller.abort(new Error("in the same turn"));
  await rejected;
  assertEquals(await b, "b");
});

Deno.test("abort of a call whose worker has failed does not bring the worker back", async () => {
  await using harness = new Harness({ size: 1 });
  const controller = new AbortController();
  const a = harness.pool.call("hold", ["a"], { signal: controller.signal });
  await harness.running("a");
  // As in a browser, where an uncaught error does not end a worker.
  const error = new ErrorEvent("error", { message: "uncaught", cancelable: true });
  harness.workers[0].dispatchEvent(error);
  controller.abort(new Error("left"));
  await assertRejects(() => a, Error, "left");
  harness.release("a");
  const next = harness.pool.call("hold", ["next"]);
  // It is terminated when it has not ended by itself, and missed when it has said its last words.
  await harness.passTimeUntil(() => harness.held.has("next"));
  assertEquals(harness.held.get("next")!.worker, 1);
  harness.release("next");
  assertEquals(await next, "next");
});

Deno.test("abort of a running call rejects at once and keeps its worker", async () => {
  await using harness = new Harness({ size: 1 });
  const controller = new AbortController();
  const call = harness.pool.call("hold", ["a"], { signal: controller.signal });
  await harness.running("a");
  controller.abort(new Error("enough"));
  await assertRejects(() => call, Error, "enough");
  harness.release("a", "too late");
  assertEquals(await harness.pool.call("echo", ["next"]), "next");
  assertEquals(harness.pool.stats().totals.aborted, 1);
  assertEquals(harness.workers.length, 1);
});

Deno.test("a worker that does not stop in time is replaced", async () => {
  await using harness = new Harness({ size: 1, cancelGraceMs: 300 });
  const controller = new AbortController();
  const call = harness.pool.call("hold", ["a"], { signal: controller.signal });
  await harness.running("a");
  controller.abort();
  await assertRejects(() => call, DOMException);
  harness.clock.advance(300);
  const { error } = await harness.event("crashed");
  assertStringIncludes(error.message, "did not stop hold()");
  harness.clock.advance(10);
  assertEquals(await harness.pool.call("echo", ["next"]), "next");
  assertEquals(harness.pool.stats().totals.restarts, 1);
});

Deno.test("a late answer of a call that was rejected is not told to its successor", async () => {
  await using harness = new Harness({ size: 1 });
  const controller = new AbortController();
  const first = harness.pool.call("hold", ["first"], { signal: controller.signal });
  await harness.running("first");
  const second = harness.pool.call("hold", ["second"]);
  controller.abort(new Error("left"));
  await assertRejects(() => first, Error, "left");
  harness.release("first", "for nobody");
  await harness.running("second");
  harness.release("second");
  assertEquals(await second, "second");
});

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

Deno.test("arguments that can't be cloned reject their call, and nothing else", async () => {
  await using harness = new Harness({ size: 1 });
  const error = await assertRejects(
    () => harness.pool.call("echo", [() => {}]),
    DOMException,
    "could not be cloned",
  );
  assertEquals(error.name, "DataCloneError");
  assertEquals(await harness.pool.call("echo", [1]), 1);
  assertEquals(harness.pool.stats().slots[0].inFlight, 0);
});

Deno.test("a method that does not exist rejects its call with a TypeError", async () => {
  await using harness = new Harness({ size: 1 });
  for (const name of ["nothing", "toString", "__proto__", "constructor"]) {
    await assertRejects(
      () => harness.pool.call(name as "echo", [1]),
      TypeError,
      `Worker has no method "${name}", only hold, echo`,
    );
  }
});

Deno.test("a call's own error arrives with both stacks", async () => {
  await using harness = new Harness({ size: 1 });
  async function theCaller() {
    return await harness.pool.call("hold", ["a"]);
  }
  const call = theCaller().catch((error) => error);
  await harness.running("a");
  harness.held.get("a")!.reject(new RangeError("too much", { cause: new TypeError("inner") }));
  const error = await call;
  assertInstanceOf(error, RangeError);
  assertInstanceOf(error.cause, TypeError);
  assertStringIncludes(error.stack!, "RangeError: too much");
  assertStringIncludes(error.stack!, "theCaller");
});

Deno.test("a call's own error tells in its stack who awaits it, below its own", async () => {
  await using harness = new Harness({ size: 1 });
  async function inner() {
    return await harness.pool.call("hold", ["a"]);
  }
  async function outer() {
    return await inner();
  }
  const call = outer().catch((error) => error);
  await harness.running("a");
  harness.held.get("a")!.reject(new RangeError("too much"));
  const error = await call;
  assertInstanceOf(error, RangeError);
  const [own, waiting] = error.stack!.split("\n    --- called from ---\n");
  assertStringIncludes(own, "RangeError: too much");
  assertMatch(waiting, /inner.*\n.*outer/);
  // What is between is nobody's business.
  assert(!waiting.includes("worker_pool.ts"), waiting);
});

Deno.test("a call's own error has its plain stack for a caller that does not await", async () => {
  await using harness = new Harness({ size: 1 });
  const told = Promise.withResolvers<Error>();
  harness.pool.call("hold", ["a"]).then(() => {}, told.resolve);
  await harness.running("a");
  const own = new RangeError("too much");
  harness.held.get("a")!.reject(own);
  const error = await told.promise;
  assertInstanceOf(error, RangeError);
  assertEquals(error.stack, own.stack);
});

Deno.test("an error of the pool's own has its stack as it is", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const call = (async () => await harness.pool.call("hold", ["a"], { deadlineMs: 50 }))()
    .catch((error) => error);
  await harness.running("a");
  harness.clock.advance(50);
  const error = await call;
  assertInstanceOf(error, DeadlineExceededError);
  assert(!error.stack!.includes("called from"), error.stack);
  harness.release("a");
});

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
