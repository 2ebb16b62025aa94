import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { cached } from "../../lib/compute/cached.ts";
import { type FibonacciJob, replaceable } from "../../lib/compute/mod.ts";
import { HeldCompute } from "./fakes.ts";

const JOB: FibonacciJob = { n: 7, algorithm: "fast-doubling" };

/** A Compute that can be replaced, and two that can be in its place. */
function fixture() {
  const [first, second] = [new HeldCompute(), new HeldCompute()];
  return { first, second, compute: replaceable(first.compute) };
}

Deno.test("replaceable() passes on jobs and options as they are, and what they come to", async () => {
  const { first, compute } = fixture();
  const options = { deadlineMs: 100 };
  const calls = [compute(JOB, options), compute(JOB)];
  assertStrictEquals(first.calls[0].job, JOB);
  assertStrictEquals(first.calls[0].options, options);
  first.calls[0].answer();
  const error = new RangeError("own");
  first.calls[1].fail(error);
  assertStrictEquals((await calls[0]).digits, first.calls[0].digits);
  assertStrictEquals(await assertRejects(() => calls[1]), error);
});

Deno.test("replaceable() answers by another from replace() on, each time it is called", async () => {
  const { first, second, compute } = fixture();
  compute.replace(second.compute);
  const call = compute(JOB);
  second.calls[0].answer();
  assertStrictEquals((await call).digits, second.calls[0].digits);
  compute.replace(first.compute);
  compute(JOB);
  assertEquals([first.calls.length, second.calls.length], [1, 1]);
});

Deno.test("replaceable() leaves the calls under way where they are", async () => {
  const { first, second, compute } = fixture();
  const { signal } = new AbortController();
  const call = compute(JOB, { signal });
  compute.replace(second.compute);
  assertEquals(second.calls, []);
  first.calls[0].answer();
  assertStrictEquals((await call).digits, first.calls[0].digits);
});

Deno.test("replaceable() still stops, after replace(), a call that began before", async () => {
  const { second, compute } = fixture();
  const controller = new AbortController();
  const call = compute(JOB, { signal: controller.signal });
  compute.replace(second.compute);
  const reason = new Error("left");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => call), reason);
});

Deno.test("replaceable() finds where the current one finds, and nothing where that can't", async () => {
  const { first, second, compute } = fixture();
  assertEquals(compute.find!(JOB), undefined);
  const cache = cached(second.compute, { maxBytes: 10_000 });
  compute.replace(cache);
  assertEquals(compute.find!(JOB), undefined);
  const call = compute(JOB);
  second.calls[0].answer();
  await call;
  assertStrictEquals(compute.find!(JOB)!.digits, second.calls[0].digits);
  assertEquals(cache.stats().hits, 1);
  compute.replace(first.compute);
  assertEquals(compute.find!(JOB), undefined);
});
