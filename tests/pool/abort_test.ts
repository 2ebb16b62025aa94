import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { cached } from "../../lib/pool/cached.ts";
import { DeadlineExceededError } from "../../lib/pool/mod.ts";
import { Harness } from "./harness.ts";

Deno.test("a signal that is aborted already rejects the call before it takes any place", async () => {
  await using harness = new Harness({ size: 1, maxQueue: 0 });
  const reason = new Error("changed my mind");
  const signal = AbortSignal.abort(reason);
  const error = await harness.pool.call("hold", ["a"], { signal }).catch((error) => error);
  assertEquals(error, reason);
  assertEquals(harness.started, []);
});

Deno.test("a call that is aborted by a deadline of its caller's counts as expired", async () => {
  await using harness = new Harness({ size: 1 });
  const backend = cached(harness.pool, { maxBytes: 1e6, pure: ["hold"], clock: harness.clock });
  const call = backend.call("hold", ["a"], { deadlineMs: 100 });
  const rejected = assertRejects(() => call, DeadlineExceededError);
  await harness.running("a");
  harness.clock.advance(100);
  await rejected;
  const { aborted, expired } = harness.pool.stats().totals;
  assertEquals({ aborted, expired }, { aborted: 0, expired: 1 });
  harness.release("a");
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

Deno.test("a listener may make and abort calls while those of its signal are settled", async () => {
  await using harness = new Harness({ size: 1 });
  const { pool } = harness;
  await pool.ready;
  const [one, two] = [new AbortController(), new AbortController()];
  let made: Promise<unknown> | undefined;
  const enter = () => {
    two.abort(new Error("two"));
    made ??= pool.call("echo", ["made"]);
  };
  const ends: Promise<unknown>[] = [];
  const call = (id: string, { signal }: AbortController) =>
    ends.push(pool.call("hold", [id], { signal }).catch((error) => error.message));
  one.signal.addEventListener("abort", enter, { once: true });
  call("running", one);
  call("waits", one);
  call("other", two);
  // The listeners of a signal are called in their order: this one is between the pool's own.
  one.signal.addEventListener("abort", enter, { once: true });
  call("last", one);
  await harness.running("running");
  one.abort(new Error("one"));
  assertEquals(pool.stats().totals.aborted, 4);
  harness.release("running");
  assertEquals(await made, "made");
  assertEquals(await Promise.all(ends), ["one", "one", "two", "one"]);
  assertEquals(harness.started, ["running"]);
});
