import { assert, assertEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type CallBounds, inOrder, type InOrderOptions } from "../../lib/hono/map.ts";
import { Problem } from "../../lib/hono/mod.ts";
import { OverloadedError } from "../../lib/pool/mod.ts";
import { FakeClock } from "../pool/fake_clock.ts";
import { HeldBackend, listenersOf, turn } from "../pool/held_backend.ts";

function jobs(count: number) {
  return Array.from({ length: count }, (_, n) => n);
}

/** A sequence of held calls, on a clock that stands still. */
function fixture({ count = 2, deaf = false, ...options }: {
  count?: number;
  deaf?: boolean;
} & InOrderOptions = {}) {
  const clock = new FakeClock();
  const inner = new HeldBackend({ deaf });
  const call = (n: number, bounds: CallBounds) => inner.call("f", [n], bounds);
  const results = inOrder(jobs(count), call, { clock, ...options });
  return { clock, inner, results, calls: inner.calls };
}

/** The same, its first job answered and its second one under way. */
async function underWay(options: Parameters<typeof fixture>[0] = {}) {
  const self = fixture(options);
  const first = self.results.next();
  await self.inner.at(1);
  self.calls[0].answer();
  await first;
  return self;
}

/** The same, its second job refused and waiting to be asked again. */
async function refused(retryAfterMs: number, options?: Parameters<typeof fixture>[0]) {
  const self = await underWay(options);
  const refusal = new OverloadedError("refused", retryAfterMs);
  self.calls[1].fail(refusal);
  await turn();
  return { ...self, refusal };
}

const rejection = (promise: Promise<unknown>) => promise.then(() => undefined, (error) => error);

Deno.test("inOrder() answers in the order of its jobs, with no more at a time than it may", async () => {
  await fc.assert(fc.asyncProperty(
    fc.scheduler(),
    fc.nat(12),
    fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    async (scheduler, count, concurrency) => {
      let now = 0;
      let most = 0;
      const compute = async (n: number) => {
        most = Math.max(most, ++now);
        await scheduler.schedule(Promise.resolve());
        now--;
        return n;
      };
      const all = Array.fromAsync(inOrder(jobs(count), compute, { concurrency }));
      await scheduler.waitFor(all);
      assertEquals(await all, jobs(count));
      assertLessOrEqual(most, concurrency ?? 4);
    },
  ));
});

Deno.test("inOrder() has four jobs under way unless told otherwise", async () => {
  const { inner, results, calls } = fixture({ count: 9 });
  const first = results.next();
  await inner.at(3);
  await turn();
  assertEquals(calls.length, 4);
  calls[0].answer();
  await first;
  await results.return();
});

Deno.test("inOrder() gives each job the whole deadline, or none", async () => {
  for (const deadlineMs of [100, undefined]) {
    const { calls, clock, results, inner } = fixture({ deadlineMs, concurrency: 1 });
    const all = Array.fromAsync(results);
    (await inner.at(0)).answer();
    clock.advance(70);
    (await inner.at(1)).answer();
    await all;
    assertEquals(calls.map(({ options }) => options.deadlineMs), [deadlineMs, deadlineMs]);
  }
});

Deno.test("inOrder() rejects if its first job is refused, and aborts the others", async () => {
  const { clock, calls, inner, results } = fixture();
  const first = rejection(results.next());
  await inner.at(1);
  const refusal = new OverloadedError("refused", 20);
  calls[0].fail(refusal);
  assertStrictEquals(await first, refusal);
  assert(calls[1].options.signal!.aborted);
  assertEquals([clock.pending, calls.length], [0, 2]);
});

Deno.test("inOrder() asks again after as long as a refusal says, within what is left", async () => {
  const { clock, calls, results, inner } = await refused(30, { deadlineMs: 100 });
  clock.advance(29);
  await turn();
  assertEquals(calls.length, 2);
  clock.advance(1);
  const again = await inner.at(2);
  assertEquals([again.args, again.options.deadlineMs], [calls[1].args, 70]);
  again.fail(new OverloadedError("refused", 40));
  await turn();
  clock.advance(40);
  (await inner.at(3)).answer();
  assertEquals(calls[3].options.deadlineMs, 30);
  assertStrictEquals((await results.next()).value, calls[3].value);
  assertEquals([(await results.next()).done, clock.pending], [true, 0]);
});

Deno.test("inOrder() asks again without end if there is no deadline", async () => {
  const { clock, inner, results } = await refused(1e6);
  for (let i = 2; i < 20; i++) {
    clock.advance(1e6);
    const again = await inner.at(i);
    assertEquals(again.options.deadlineMs, undefined);
    again.fail(new OverloadedError("refused", 1e6));
    await turn();
  }
  await results.return();
});

Deno.test("inOrder() takes its time, though a refusal says that it need not", async () => {
  const { clock, calls, inner, results } = await refused(0);
  clock.advance(9);
  await turn();
  assertEquals(calls.length, 2);
  clock.advance(1);
  (await inner.at(2)).answer();
  assertEquals((await Array.fromAsync(results)).length, 1);
});

Deno.test("inOrder() rejects with the refusal when the deadline has passed", async () => {
  const { clock, calls, results, refusal } = await refused(1_000, { deadlineMs: 100 });
  const next = rejection(results.next());
  clock.advance(100);
  assertStrictEquals(await next, refusal);
  assertEquals([calls.length, clock.pending], [2, 0]);
});

Deno.test("inOrder() does not wait any longer for what was refused after its whole deadline", async () => {
  const { clock, calls, results } = await underWay({ deadlineMs: 100 });
  const next = rejection(results.next());
  clock.advance(100);
  const refusal = new OverloadedError("has waited", 1_000);
  calls[1].fail(refusal);
  await turn();
  clock.advance(0);
  assertStrictEquals(await next, refusal);
  assertEquals([calls.length, clock.pending], [2, 0]);
});

Deno.test("inOrder() rejects with the refusal what has become infeasible by waiting", async () => {
  const { clock, inner, results, refusal } = await refused(90, { deadlineMs: 100 });
  const next = rejection(results.next());
  clock.advance(90);
  (await inner.at(2)).fail(new Problem(422, "infeasible", "It takes 50 ms"));
  assertStrictEquals(await next, refusal);
});

Deno.test("inOrder() rejects what was infeasible from the start as that", async () => {
  const { calls, results } = await underWay({ deadlineMs: 100 });
  const problem = new Problem(422, "infeasible", "It takes 500 ms");
  calls[1].fail(problem);
  assertStrictEquals(await rejection(results.next()), problem);
});

Deno.test("inOrder() ends with the error of a job, also of one that is asked again", async () => {
  const { clock, calls, inner, results } = await refused(20, { count: 3 });
  const next = rejection(results.next());
  clock.advance(20);
  const error = new Error("failed");
  (await inner.at(3)).fail(error);
  assertStrictEquals(await next, error);
  assert(calls[2].options.signal!.aborted);
  assertEquals((await results.next()).done, true);
});

Deno.test("inOrder() aborts what is under way or waits when its signal aborts", async () => {
  const controller = new AbortController();
  const { clock, calls, results } = await refused(20, { count: 3, signal: controller.signal });
  const next = rejection(results.next());
  const reason = new Error("left");
  controller.abort(reason);
  assertStrictEquals(await next, reason);
  for (const { options } of calls) assertStrictEquals(options.signal!.reason, reason);
  assertEquals([clock.pending, calls.length], [0, 3]);
});

Deno.test("inOrder() aborts what is under way or waits when its consumer stops", async () => {
  const { clock, calls, results } = await refused(20, { count: 3 });
  assertEquals(clock.pending, 1);
  await results.return();
  assert(calls[2].options.signal!.aborted);
  assertEquals([clock.pending, calls.length], [0, 3]);
});

Deno.test("inOrder() leaves no timer if it is aborted in the tick of a refusal", async () => {
  const controller = new AbortController();
  const { clock, calls, results } = await underWay({ deaf: true, signal: controller.signal });
  const next = rejection(results.next());
  calls[1].fail(new OverloadedError("refused", 20));
  controller.abort("left");
  assertEquals(await next, "left");
  assertEquals(clock.pending, 0);
});

Deno.test("inOrder() leaves no listener behind when it asks again", async () => {
  const { clock, calls, inner, results } = await underWay({ deaf: true });
  const listeners = listenersOf(calls[1].options.signal!);
  calls[1].fail(new OverloadedError("refused", 20));
  await turn();
  assertEquals(listeners.size, 1);
  clock.advance(20);
  (await inner.at(2)).answer();
  await results.next();
  assertEquals(listeners.size, 0);
});

Deno.test("inOrder() goes by the real time, unless told otherwise", async () => {
  let asked = 0;
  const compute = (n: number) => {
    if (n === 1 && ++asked === 1) return Promise.reject(new OverloadedError("refused", 1));
    return Promise.resolve(n);
  };
  assertEquals((await Array.fromAsync(inOrder(jobs(2), compute))).length, 2);
  assertEquals(asked, 2);
});

Deno.test("inOrder() of nothing is nothing", async () => {
  const { results, calls } = fixture({ count: 0 });
  assertEquals(await Array.fromAsync(results), []);
  assertEquals(calls.length, 0);
});
