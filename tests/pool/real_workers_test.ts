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
  WorkerCrashedError,
  WorkerPool,
} from "../../lib/pool/mod.ts";
import type { MisbehavingApi } from "../fixtures/misbehaving.ts";
import { realPool, test } from "./real_pool.ts";

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
