/** What only real workers can do wrong. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type CallOptions,
  DeadlineExceededError,
  OverloadedError,
  type PoolEvent,
  WorkerCrashedError,
  WorkerPool,
  type WorkerPoolOptions,
} from "../../lib/pool/mod.ts";
import type { MisbehavingApi } from "../fixtures/misbehaving.ts";
import { testWith } from "../permissions.ts";

const readsFixtures = { name: "read", path: new URL("../../", import.meta.url) } as const;

function test(name: string, run: () => Promise<void>): void {
  testWith([readsFixtures], name, run);
}

interface RealPool extends AsyncDisposable {
  pool: WorkerPool<MisbehavingApi>;
  /** Resolves with the first event of a type, past or to come. */
  event<T extends PoolEvent["type"]>(type: T): Promise<PoolEvent & { type: T }>;
}

function realPool(
  { fixture = "misbehaving", ...options }: Partial<WorkerPoolOptions<MisbehavingApi>> & {
    fixture?: string;
  } = {},
): RealPool {
  const events: PoolEvent[] = [];
  let changed = Promise.withResolvers<void>();
  const pool = new WorkerPool<MisbehavingApi>({
    spawn: () =>
      new Worker(new URL(`../fixtures/${fixture}.ts`, import.meta.url), {
        type: "module",
        deno: { permissions: "none" },
      }),
    size: 1,
    onEvent: (event) => {
      events.push(event);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    ...options,
  });
  return {
    pool,
    async event(type) {
      while (true) {
        const found = events.find((event) => event.type === type);
        if (found) return found as never;
        await changed.promise;
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

test("a worker has no permission at all", async () => {
  await using real = realPool();
  const states = await real.pool.call("permissions", []);
  assert(!states.includes("granted"), states.join());
});

test("a worker's own error crosses threads whole, and its worker goes on", async () => {
  await using real = realPool();
  const error = await assertRejects(() => real.pool.call("throwNow", []), RangeError, "own error");
  assertInstanceOf(error.cause, TypeError);
  assertStringIncludes(error.stack!, "misbehaving.ts");
  assertStringIncludes(error.stack!, "real_workers_test.ts");
  assertEquals(await real.pool.call("echo", ["next"]), "next");
  assertEquals(real.pool.stats().totals.restarts, 0);
});

test("a result is moved and not copied if the worker says so", async () => {
  await using real = realPool();
  const bytes = await real.pool.call("returnTransferred", [1_000_000]);
  assertEquals([bytes.byteLength, bytes[999_999]], [1_000_000, 7]);
});

test("arguments are moved and not copied if the caller says so", async () => {
  await using real = realPool();
  const bytes = new Uint8Array(1_000_000);
  const length = real.pool.call("lengthOf", [bytes], { transfer: [bytes.buffer] });
  assertEquals(await length, 1_000_000);
  assertEquals(bytes.byteLength, 0);
});

test("moved arguments are neither taken back nor lost with others", async () => {
  await using real = realPool();
  await real.pool.ready;
  const bytes = () => new Uint8Array(1_000);
  const lengthOf = (bytes: Uint8Array<ArrayBuffer>) =>
    real.pool.call("lengthOf", [bytes], { transfer: [bytes.buffer], estimateMs: 0.01, pure: true });
  const results = await Promise.allSettled([
    lengthOf(bytes()),
    ...together(real.pool, [["echo", () => {}], ["busy", 30]], true),
    lengthOf(bytes()),
    ...together(real.pool, [["echo", 4]], true),
  ]);
  assertEquals(
    results.map((result) => "value" in result ? result.value : result.reason.name),
    [1_000, "DataCloneError", undefined, 1_000, 4],
  );
});

test("a result that can't be cloned rejects its call, and its worker goes on", async () => {
  await using real = realPool();
  const error = await assertRejects(() => real.pool.call("returnUncloneable", []), DOMException);
  assertEquals(error.name, "DataCloneError");
  assertEquals(await real.pool.call("echo", ["next"]), "next");
  assertEquals(real.pool.stats().totals.restarts, 0);
});

for (const method of ["closeSelf", "exit", "throwMeanwhile"] as const) {
  test(`a worker that dies by ${method}() costs its call alone, and comes back`, async () => {
    await using real = realPool();
    const doomed = real.pool.call(method, []).catch((error) => error);
    const next = real.pool.call("echo", ["next"]);
    const error = await doomed;
    assertInstanceOf(error, WorkerCrashedError);
    assertStringIncludes(error.message, `Worker died while it ran ${method}()`);
    if (method === "throwMeanwhile") {
      assertStringIncludes((error.cause as Error).message, "thrown meanwhile");
    }
    assertEquals(await next, "next");
    assertEquals(real.pool.stats().totals.restarts, 1);
  });
}

for (const method of ["throwLater", "rejectLater"] as const) {
  test(`a worker that dies by ${method}() after its answer comes back`, async () => {
    await using real = realPool();
    await real.pool.call(method, []).catch((error) => assertInstanceOf(error, WorkerCrashedError));
    const { error } = await real.event("crashed");
    assertStringIncludes(error.message, "later");
    assertEquals(await real.pool.call("echo", ["next"]), "next");
  });
}

/** Makes calls that go to the worker in one message: in one turn, and estimated short. */
function together(
  pool: WorkerPool<MisbehavingApi>,
  calls: readonly [keyof MisbehavingApi, ...unknown[]][],
  pure: boolean,
): Promise<unknown>[] {
  const options = { estimateMs: 0.01, pure };
  return calls.map(([method, ...args]) => pool.call(method, args as never, options));
}

for (const pure of [false, true]) {
  const kind = pure ? "pure calls" : "calls";

  test(`of ${kind} sent together, a crash costs the one that was running`, async () => {
    await using real = realPool();
    await real.pool.ready;
    const calls = together(
      real.pool,
      [["echo", 0], ["echo", 1], ["exit"], ["echo", 3], ["echo", 4]],
      pure,
    );
    const results = await Promise.allSettled(calls);
    const failed = results.flatMap(({ status }, i) => status === "rejected" ? [i] : []);
    assertEquals(failed, [2]);
    assertEquals(results.flatMap((result) => "value" in result ? [result.value] : []), [
      0,
      1,
      3,
      4,
    ]);
  });

  test(`of ${kind} sent together, one that takes long holds up no other`, async () => {
    await using real = realPool({ size: 2 });
    await real.pool.ready;
    // So that all go to one worker, the other is busy at first.
    const busy = real.pool.call("busy", [30]);
    const stop = new AbortController();
    const calls = together(real.pool, [["echo", 0], ["echo", 1]], pure);
    const long = real.pool.call("spinChecked", [], { estimateMs: 0.01, signal: stop.signal });
    const behind = together(real.pool, [["echo", 3]], pure);
    assertEquals(real.pool.stats().slots[1].inFlight, 4);
    // It goes on until these have been answered.
    assertEquals(await Promise.all([...calls, ...behind]), [0, 1, 3]);
    stop.abort(new Error("all answered"));
    await assertRejects(() => long, Error, "all answered");
    await busy;
  });

  test(`${kind} that are made together share neither arguments nor results`, async () => {
    await using real = realPool();
    await real.pool.ready;
    const list = [3, 1, 2];
    const shared = together(
      real.pool,
      [["sort", list], ["join", list], ["returnShared"], ["returnShared"]],
      pure,
    );
    const [sorted, joined, first, second] = await Promise.all(shared);
    assertEquals([sorted, joined], ["1,2,3", "3,1,2"]);
    (first as { changed: boolean }).changed = true;
    assertEquals(second, { changed: false });
  });

  test(`of ${kind} sent together, one that can't be cloned fails alone`, async () => {
    await using real = realPool();
    await real.pool.ready;
    const results = await Promise.allSettled(together(
      real.pool,
      [["echo", 0], ["echo", () => {}], ["returnUncloneable"], ["echo", 3]],
      pure,
    ));
    assertEquals(results.map(({ status }) => status), [
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    for (const result of results) {
      if (result.status === "rejected") assertEquals(result.reason.name, "DataCloneError");
    }
    assertEquals(real.pool.stats().totals.restarts, 0);
  });
}

test("abort of a running call frees its worker, which goes on", async () => {
  await using real = realPool();
  await real.pool.ready;
  for (let i = 0; i < 5; i++) {
    const controller = new AbortController();
    const call = real.pool.call("spinChecked", [], { signal: controller.signal });
    const turn = Promise.withResolvers<void>();
    setTimeout(turn.resolve, i); // Some before the worker has started it, some after.
    await turn.promise;
    controller.abort(new Error("enough"));
    await assertRejects(() => call, Error, "enough");
    assertEquals(await real.pool.call("echo", [i]), i);
  }
  assertEquals(real.pool.stats().totals.restarts, 0);
});

test("a call that never looks at its token is cut by the watchdog, and its worker goes on", async () => {
  // The watchdog cuts after half of it, the pool gives the worker up after all of it: a second between them.
  await using real = realPool({ cancelGraceMs: 2_000 });
  // A call that waited for its worker to load would be refused instead.
  await real.pool.ready;
  await assertRejects(
    () => real.pool.call("spinBlindly", [], { deadlineMs: 50 }),
    DeadlineExceededError,
  );
  assertEquals(await real.pool.call("echo", ["next"]), "next");
  assertEquals(real.pool.stats().totals.restarts, 0);
});

test("a pool survives calls that end just when the watchdog cuts them", async () => {
  const cancelGraceMs = 20;
  const deadlineMs = 5;
  await using real = realPool({ cancelGraceMs });
  await real.pool.ready;
  for (let i = 0; i < 30; i++) {
    const busyMs = deadlineMs + cancelGraceMs / 2 - 1 + i / 10;
    // The worker may have been taken along by the call before, a moment ago: then this one is refused.
    await real.pool.call("busy", [busyMs], { deadlineMs, estimateMs: 1 }).catch((error) =>
      assert(error instanceof DeadlineExceededError || error instanceof OverloadedError, error)
    );
    assertEquals(await real.pool.call("echo", [i], { pure: true }), i);
  }
});

test("onRun is told how each run ended: by itself, at a checkpoint, by the watchdog, by death", async () => {
  const ends: string[] = [];
  await using real = realPool({
    cancelGraceMs: 2_000,
    onRun: ({ tag, end }) => ends.push(`${tag} ${end}`),
  });
  await real.pool.ready;
  const flag = new Int32Array(new SharedArrayBuffer(8));
  const stop = new AbortController();
  const call = (method: keyof MisbehavingApi, args: unknown[] = [], options: CallOptions = {}) =>
    real.pool.call(method, args as never, { tag: method, ...options }).catch(() => {});
  await call("echo");
  await call("throwNow");
  await call("returnUncloneable");
  const spinning = call("spinChecked", [flag], { signal: stop.signal });
  while (Atomics.load(flag, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  stop.abort();
  await spinning;
  // What was stopped is told when its worker has stopped, which is before its next call.
  await call("echo");
  await call("spinBlindly", [], { deadlineMs: 50 });
  await call("exit");
  await call("echo");
  assertEquals(ends, [
    "echo done",
    "throwNow failed",
    "returnUncloneable failed",
    "spinChecked stopped",
    "echo done",
    "spinBlindly stopped",
    "exit lost",
    "echo done",
  ]);
});

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

test("map() runs in the workers, in order, and stops when its consumer stops", async () => {
  await using real = realPool({ size: 2 });
  const results: unknown[] = [];
  let pulled = 0;
  function* source(): Generator<[number]> {
    while (true) yield [pulled++];
  }
  for await (const result of real.pool.map("echo", source(), { concurrency: 3 })) {
    results.push(result);
    if (results.length === 10) break;
  }
  assertEquals(results, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert(pulled <= 13, `${pulled} pulled`);
});

test("close() ends the threads, busy ones included", async () => {
  const real = realPool({ size: 2, cancelGraceMs: 1_000 });
  await real.pool.ready;
  const calls = [0, 1].map(() => real.pool.call("spinChecked", []).catch((error) => error));
  const report = await real.pool.close({ graceMs: 10 });
  assertEquals(report, { abandoned: 2, wedged: 0 });
  for (const error of await Promise.all(calls)) assertEquals(error.name, "PoolClosedError");
});
