import { Harness } from "./harness.ts";
import { cached } from "../../lib/pool/cached.ts";
import { DeadlineExceededError, OverloadedError } from "../../lib/pool/mod.ts";
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { HeldBackend, listenersOf, turn } from "./held_backend.ts";
import { type Answer, type Ask, fixture, MAX_BYTES, visit } from "./cached_fixture.ts";

Deno.test("cached() goes on for the others when one caller leaves", async () => {
  const { inner, ask } = await fixture();
  const [first, second, third] = [0, 1, 2].map(() => visit(ask, 7));
  first.leave("first");
  third.leave("third");
  assertEquals(await first.outcome, "first");
  assertEquals(await third.outcome, "third");
  assertEquals(inner.calls[0].options.signal!.aborted, false);
  inner.calls[0].answer();
  assertEquals((await second.outcome).cache, "shared");
});

Deno.test("cached() stops its work when the last caller leaves, for that one's reason", async () => {
  const { inner, ask } = await fixture();
  const [first, second] = [visit(ask, 7), visit(ask, 7)];
  const reason = new Error("second");
  first.leave(new Error("first"));
  second.leave(reason);
  assertStrictEquals(inner.calls[0].options.signal!.reason, reason);
  assertStrictEquals(await second.outcome, reason);
});

Deno.test("cached() begins anew for whoever comes after the last has left", async () => {
  const { inner, ask } = await fixture({ deaf: true });
  const left = visit(ask, 7);
  left.leave("left");
  const next = visit(ask, 7);
  assertEquals(inner.calls.length, 2);
  let settled = false;
  next.outcome.then(() => settled = true);

  inner.calls[0].fail(new Error("late"));
  await turn();
  assertEquals(settled, false);
  assertEquals(inner.calls[1].options.signal!.aborted, false);

  // The late end did not take the new flight off the list: who comes now joins it.
  const joined = visit(ask, 7);
  assertEquals(inner.calls.length, 2);
  inner.calls[1].answer();
  assertStrictEquals((await next.outcome).value, inner.calls[1].value);
  assertEquals((await joined.outcome).cache, "shared");
});

Deno.test("cached() begins anew for whoever comes because its work is being stopped", async () => {
  const { inner, ask } = await fixture();
  const left = visit(ask, 7);
  const next = Promise.withResolvers<Answer>();
  inner.calls[0].options.signal!.addEventListener(
    "abort",
    () => next.resolve(visit(ask, 7).outcome),
  );
  left.leave("left");
  assertEquals(inner.calls.length, 2);
  inner.calls[1].answer();
  assertEquals((await next.promise).cache, "miss");
});

Deno.test("cached() keeps an answer that comes though all have left", async () => {
  const { inner, ask } = await fixture({ deaf: true });
  visit(ask, 7).leave("left");
  inner.calls[0].answer();
  await turn();
  assertEquals((await ask(7)).cache, "hit");
});

Deno.test("cached() lets an abort in the tick of the answer end its caller's wait alone", async () => {
  const { inner, ask } = await fixture();
  const [left, stayed] = [visit(ask, 7), visit(ask, 7)];
  inner.calls[0].answer();
  left.leave("left");
  assertEquals(await left.outcome, "left");
  assertEquals((await stayed.outcome).cache, "shared");
  assertEquals((await ask(7)).cache, "hit");
});

Deno.test("cached() joins no flight and begins none for a signal that has aborted", async () => {
  const { inner, ask, backend } = await fixture();
  const first = ask(7);
  const signal = AbortSignal.abort("left");
  for (const n of [7, 8]) {
    assertEquals(await ask(n, { signal }).catch((error) => error), "left");
  }
  assertEquals(inner.calls.length, 1);
  assertEquals(inner.calls[0].options.signal!.aborted, false);
  const { misses, shared } = backend.stats().cache;
  assertEquals([misses, shared], [1, 0]);
  inner.calls[0].answer();
  await first;
});

Deno.test("cached() gives its work the first caller's deadline to start, and twice that to end", async () => {
  const { inner, ask } = await fixture();
  const calls = [
    ask(7, { deadlineMs: 100 }),
    ask(7, { deadlineMs: 500 }),
    ask(8),
    ask(9, { deadlineMs: 0 }),
  ];
  for (const call of inner.calls) call.answer();
  await Promise.all(calls);
  const bounds = inner.calls.map(({ options }) => [options.maxWaitMs, options.deadlineMs]);
  assertEquals(bounds, [[95, 200], [undefined, undefined], [0, 0]]);
});

Deno.test("cached() begins anew for whoever had more time than the one whose time was up", async () => {
  const { inner, clock, ask } = await fixture();
  const short = visit(ask, 7, 10);
  const long = visit(ask, 7, 100);
  const longer = visit(ask, 7, 200);
  const same = visit(ask, 7, 10);
  clock.advance(10);
  assertInstanceOf(await short.outcome, DeadlineExceededError);
  assertInstanceOf(await same.outcome, DeadlineExceededError);
  clock.advance(10);
  inner.calls[0].fail(new DeadlineExceededError(20));
  const again = await inner.at(1);
  assertEquals([again.options.maxWaitMs, again.options.deadlineMs], [75, 160]);
  again.fail(new OverloadedError("full", 1_000));
  assertInstanceOf(await long.outcome, OverloadedError);
  const last = await inner.at(2);
  assertEquals(last.options.maxWaitMs, 175);
  last.fail(new DeadlineExceededError(360));
  assertInstanceOf(await longer.outcome, DeadlineExceededError);
  assertEquals(inner.calls.length, 3);
});

Deno.test("cached() says that there was no room for a call that could not start in time", async () => {
  await using harness = new Harness({ size: 1 });
  const { pool, clock } = harness;
  const backend = cached(pool, { maxBytes: MAX_BYTES, pure: ["hold"], clock });
  await pool.ready;
  const held = pool.call("hold", ["other"]);
  await harness.running("other");
  const late = backend.call("hold", ["a"], { deadlineMs: 100 }).catch((error) => error);
  clock.advance(99);
  assertInstanceOf(await late, OverloadedError);
  assertEquals(pool.stats().totals.refused, 1);
  harness.release("other");
  await held;
});

Deno.test("cached() begins anew for whoever set no bound on the run that was cut", async () => {
  const { inner, ask } = await fixture();
  const bounded = ask(7, { maxRunMs: 50 }).catch((error) => error);
  const free = ask(7);
  inner.calls[0].fail(new DeadlineExceededError(50, "run"));
  assertInstanceOf(await bounded, DeadlineExceededError);
  const again = await inner.at(1);
  assertEquals(again.options.maxRunMs, undefined);
  again.answer();
  assertEquals((await free).value, again.value);
});

Deno.test("cached() does not begin anew for whoever has not the time for it any more", async () => {
  const { inner, clock, ask } = await fixture();
  const short = visit(ask, 7, 10);
  // It may wait for 5 ms, for it takes 95.
  const long = ask(7, { deadlineMs: 100, maxWaitMs: 5 }).catch((error) => error);
  clock.advance(10);
  await short.outcome;
  const error = new DeadlineExceededError(20);
  inner.calls[0].fail(error);
  assertStrictEquals(await long, error);
  assertEquals(inner.calls.length, 1);
});

Deno.test("cached() does not begin anew for an error of the function's own", async () => {
  const { inner, ask } = await fixture();
  const short = visit(ask, 7, 10);
  const long = visit(ask, 7, 100);
  const error = new RangeError("its own");
  inner.calls[0].fail(error);
  assertEquals([await short.outcome, await long.outcome], [error, error]);
  assertEquals(inner.calls.length, 1);
});

Deno.test("cached() ends a wait at its own deadline, and the work with the last", async () => {
  const { inner, clock, ask } = await fixture();
  const [first, second] = [visit(ask, 7, 100), visit(ask, 7, 150)];
  clock.advance(99);
  assertEquals(clock.pending, 2);
  clock.advance(1);
  const { signal } = inner.calls[0].options;
  assertInstanceOf(await first.outcome, DeadlineExceededError);
  assertEquals((await first.outcome).deadlineMs, 100);
  assertEquals(signal!.aborted, false);
  clock.advance(50);
  assertEquals((await second.outcome).deadlineMs, 150);
  assertStrictEquals(signal!.reason, await second.outcome);
});

Deno.test("cached() ends a wait that may take no time at all", async () => {
  const { clock, ask } = await fixture();
  const call = visit(ask, 7, 0);
  clock.advance(0);
  assertInstanceOf(await call.outcome, DeadlineExceededError);
});

Deno.test("cached() takes no deadline, and Infinity, for all the time there is", async () => {
  const { inner, clock, ask } = await fixture();
  const calls = [ask(7), ask(7, { deadlineMs: Infinity })];
  clock.advance(Number.MAX_SAFE_INTEGER);
  inner.calls[0].answer();
  await Promise.all(calls);
});

Deno.test("cached() goes by the real time, unless told otherwise", async () => {
  const inner = new HeldBackend();
  const backend = cached(inner, { maxBytes: MAX_BYTES, pure: ["f"] });
  const ask: Ask = async (n, options) => ({
    value: await backend.call("f", [n], options),
    waitMs: 0,
    runMs: 0,
    transferMs: 0,
  });
  const patient = visit(ask, 8, Infinity);
  const brief = visit(ask, 7, 1);
  assertInstanceOf(await brief.outcome, DeadlineExceededError);
  inner.calls[0].answer();
  assertStrictEquals((await patient.outcome).value, inner.calls[0].value);
});

Deno.test("cached() never looks at the signal or deadline of a call that it answers from memory", async () => {
  const { ask, fill } = await fixture();
  await fill(7);
  const untouchable = {
    get signal(): AbortSignal {
      throw new Error("looked at the signal");
    },
    get deadlineMs(): number {
      throw new Error("looked at the deadline");
    },
  };
  assertEquals((await ask(7, untouchable)).cache, "hit");
});

Deno.test.each(["an answer", "an error", "an abort", "a deadline"])(
  "cached() leaves no timer and no listener behind after %s",
  async (how) => {
    const { inner, clock, ask } = await fixture();
    const { signal } = new AbortController();
    const listeners = listenersOf(signal);
    const call = ask(7, { signal, deadlineMs: 100 }).catch(() => {});
    assertEquals([clock.pending, listeners.size], [1, 1]);
    if (how === "an answer") inner.calls[0].answer();
    else if (how === "an error") inner.calls[0].fail(new Error("failed"));
    else if (how === "an abort") listeners.forEach((aborted) => aborted());
    else clock.advance(100);
    await call;
    assertEquals([clock.pending, listeners.size], [0, 0]);
  },
);
