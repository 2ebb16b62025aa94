/** What a method knows of its call, in real workers. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as Comlink from "comlink";
import {
  DeadlineExceededError,
  WorkerCrashedError,
  WorkerPool,
  type WorkerPoolOptions,
} from "../../lib/pool/mod.ts";
import { current } from "../../lib/pool/worker.ts";
import type { TalkingApi } from "../fixtures/talking.ts";
import { testWith } from "../permissions.ts";

function test(name: string, run: () => Promise<void>): void {
  testWith([{ name: "read", path: new URL("../../", import.meta.url) }], name, run);
}

/** A pool of one worker. */
function talking(options: Partial<WorkerPoolOptions<TalkingApi>> = {}): WorkerPool<TalkingApi> {
  const url = new URL("../fixtures/talking.ts", import.meta.url);
  const spawn = () => new Worker(url, { type: "module", deno: { permissions: "none" } });
  return new WorkerPool<TalkingApi>({ spawn, size: 1, ...options });
}

/** Waits until a word of shared memory is set. */
async function set(flag: Int32Array, index: number): Promise<void> {
  const { async, value } = Atomics.waitAsync(flag, index, 0, 20_000);
  if (async) await value;
}

const newFlag = () => new Int32Array(new SharedArrayBuffer(8));

test("all reports of a call are told in order, before it resolves", async () => {
  await using pool = talking();
  const told: unknown[] = [];
  const value = await pool.call("count", [1_000], {
    reports: "all",
    onReport: (n) => told.push(n),
  });
  assertEquals(value, 1_000);
  assertEquals(told, Array.from({ length: 1_000 }, (_, i) => i + 1));
});

test("by default the latest report is told, and the last one always", async () => {
  await using pool = talking();
  const told: number[] = [];
  await pool.call("count", [100_000], { onReport: (n: number) => told.push(n) });
  assert(told.length < 10_000, `${told.length} reports`);
  assertEquals(told.at(-1), 100_000);
  assertEquals(told, told.toSorted((a, b) => a - b));
});

test("a slow listener holds the worker, and the call waits until all is heard", async () => {
  await using pool = talking();
  let [hearing, most, heard] = [0, 0, 0];
  await pool.call("count", [50], {
    reports: "all",
    onReport: async () => {
      most = Math.max(most, ++hearing);
      await new Promise((resolve) => setTimeout(resolve, 0));
      hearing--;
      heard++;
    },
  });
  assertEquals([most, heard], [1, 50]);
});

test("a pool that is closing ends as soon as the last report of its last call is read", async () => {
  const ran = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const pool = talking({ onRun: () => ran.resolve() });
  const call = pool.call("count", [1], { reports: "all", onReport: () => read.promise });
  await ran.promise;
  const closed = pool.close({ graceMs: 1e9 });
  read.resolve();
  assertEquals(await call, 1);
  assertEquals(await closed, { abandoned: 0, wedged: 0 });
});

test("an async method reports by what it took before its first await", async () => {
  await using pool = talking();
  const told: unknown[] = [];
  await pool.call("countLater", [5], { reports: "all", onReport: (n) => told.push(n) });
  assertEquals(told, [1, 2, 3, 4, 5]);
});

test("what a listener throws rejects the call and stops its work", async () => {
  await using pool = talking();
  const broken = new Error("client gone");
  const fail = () => {
    throw broken;
  };
  const failLater = () => Promise.reject(broken);
  for (const onReport of [fail, failLater]) {
    const error = await assertRejects(() => pool.call("countForEver", [], { onReport }));
    assertEquals(error, broken);
  }
  assertEquals(await pool.call("count", [3]), 3);
  assertEquals(pool.stats().totals.restarts, 0);
});

test("a report from a timer does no harm when its call is cancelled", async () => {
  await using pool = talking();
  const flag = newFlag();
  const controller = new AbortController();
  const { signal } = controller;
  const call = pool.call("countByTimer", [flag], { signal, onReport: () => {} });
  await set(flag, 0);
  controller.abort();
  await assertRejects(() => call, DOMException);
  await set(flag, 1);
  assertEquals(await pool.call("count", [1]), 1);
  assertEquals(pool.stats().totals.restarts, 0);
});

test("the latest report is told at the next checkpoint, if not at once", async () => {
  await using pool = talking();
  const controller = new AbortController();
  const told: unknown[] = [];
  const call = pool.call("twoPhases", [], {
    signal: controller.signal,
    onReport: (phase) => {
      told.push(phase);
      if (phase === "second") controller.abort();
    },
  });
  await assertRejects(() => call, DOMException);
  assertEquals(told.at(-1), "second");
});

test("a slow listener is not held against how long a call may run", async () => {
  await using pool = talking();
  await pool.ready;
  const onReport = () => new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals(await pool.call("count", [1], { maxRunMs: 50, reports: "all", onReport }), 1);
});

test("nothing is told after a call has settled", async () => {
  await using pool = talking();
  const controller = new AbortController();
  let [told, afterwards] = [0, 0];
  const call = pool.call("countForEver", [], {
    reports: "all",
    signal: controller.signal,
    onReport: () => {
      if (controller.signal.aborted) afterwards++;
      else if (++told === 100) controller.abort();
    },
  });
  await assertRejects(() => call, DOMException);
  assertEquals(await pool.call("count", [1]), 1);
  assertEquals([told, afterwards], [100, 0]);
});

test("a report that can't be cloned is the method's own error", async () => {
  await using pool = talking();
  const call = () => pool.call("reportFunction", [], { onReport: () => {} });
  const error = await assertRejects(call, DOMException);
  assertEquals(error.name, "DataCloneError");
  // Where nobody listens nothing is told.
  await pool.call("reportFunction", []);
});

test("an async method is stopped by its signal, and its worker is kept", async () => {
  await using pool = talking();
  for (let i = 0; i < 3; i++) {
    const flag = newFlag();
    const controller = new AbortController();
    const call = pool.call("waitForAbort", [flag], { signal: controller.signal });
    await set(flag, 0);
    controller.abort();
    await assertRejects(() => call, DOMException);
    await set(flag, 1);
    assertEquals(flag[1], 1);
  }
  assertEquals(await pool.call("count", [1]), 1);
  assertEquals(pool.stats().totals.restarts, 0);
});

test("an async method may look after each of its awaits", async () => {
  await using pool = talking();
  const flag = newFlag();
  const controller = new AbortController();
  const call = pool.call("lookForAbort", [flag], { signal: controller.signal });
  await set(flag, 0);
  controller.abort();
  await assertRejects(() => call, DOMException);
  assertEquals(await pool.call("count", [1]), 1);
  assertEquals(pool.stats().totals.restarts, 0);
});

test("a call may run for so long from its start", async () => {
  await using pool = talking();
  const spin = () => pool.call("spin", [], { maxRunMs: 50 });
  await pool.ready;
  const madeAt = performance.now();
  const calls = [spin(), spin()];
  for (const call of calls) {
    const error = await assertRejects(() => call, DeadlineExceededError);
    assertStringIncludes(error.message, "ran for 50 ms");
  }
  // The second waited while the first ran, which was no fault of its own.
  assert(performance.now() - madeAt >= 100);
  assertEquals(await pool.call("count", [1]), 1);
  assertEquals(pool.stats().totals.restarts, 0);
});

test("who passes a function is told what to do instead", async () => {
  await using pool = talking();
  const callback = (() => {}) as never;
  for (const arg of [callback, Comlink.proxy({ callback }) as never]) {
    const error = await assertRejects(() => pool.call("greet", [arg]), DOMException);
    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, "could not be cloned");
    assertStringIncludes(error.message, "current().report()");
  }
});

test("each worker is set up before it takes calls, and so is its successor", async () => {
  await using pool = talking({ setup: { method: "greetWith", args: ["Hello"] } });
  assertEquals(await pool.call("greet", ["Ada"]), "Hello, Ada");
  await assertRejects(() => pool.call("quit", []), WorkerCrashedError);
  assertEquals(await pool.call("greet", ["Ada"]), "Hello, Ada");
  assertEquals(pool.stats().totals.restarts, 1);
});

test("a worker whose setup fails can't be started, and the pool says why", async () => {
  await using pool = talking({ setup: { method: "greetWith", args: [""] } });
  const error = await assertRejects(() => pool.ready);
  assertStringIncludes(String((error as Error).cause), "There is no such greeting");
  assertStringIncludes(pool.stats().loadFailure!, "greetWith(): There is no such greeting");
});

Deno.test("outside a call nothing is aborted and nobody listens", () => {
  const { signal, checkpoint, report } = current();
  checkpoint();
  report(() => {});
  assertEquals(signal.aborted, false);
});
