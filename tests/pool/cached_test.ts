import { cached, type CachedOptions } from "../../lib/pool/cached.ts";
import {
  type BackendCallOptions,
  DeadlineExceededError,
  OverloadedError,
  type Timing,
} from "../../lib/pool/mod.ts";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeClock } from "./fake_clock.ts";
import { type HeldApi, HeldBackend, listenersOf, turn } from "./held_backend.ts";

/** Takes ten answers of 488 bytes: an entry weighs 512 beside its value. */
const MAX_BYTES = 10_000;

/** What a call came to, and what its caller was told of it. */
interface Answer extends Timing {
  readonly value: unknown;
}

type Ask = (n: number, options?: BackendCallOptions, form?: string) => Promise<Answer>;

async function fixture(
  options: { deaf?: boolean; bytes?: number } & Partial<CachedOptions<HeldApi>> = {},
) {
  const { deaf, bytes = 488, ...cache } = options;
  const inner = new HeldBackend({ deaf, bytes });
  const clock = new FakeClock();
  const backend = cached(inner, { maxBytes: MAX_BYTES, clock, pure: ["f"], ...cache });
  await backend.load();
  const ask: Ask = async (n, options, form) => {
    let timing: Timing | undefined;
    const onTiming = (told: Timing) => timing = told;
    // No copy of the options: they may be none that can be read.
    const bound = options ? Object.assign(options, { onTiming }) : { onTiming };
    const value = await backend.call("f", form === undefined ? [n] : [n, form], bound);
    return { value, ...timing! };
  };
  return {
    inner,
    clock,
    backend,
    ask,
    /** Has the answers to these held. */
    async fill(...ns: number[]): Promise<void> {
      for (const n of ns) {
        const call = ask(n);
        inner.calls.at(-1)!.answer();
        await call;
      }
    },
  };
}

/** Calls as somebody who may leave: `outcome` is what the call came to. */
function visit(ask: Ask, n: number, deadlineMs?: number) {
  const controller = new AbortController();
  const outcome = ask(n, { signal: controller.signal, deadlineMs }).catch((error) => error);
  return { outcome, leave: (reason: unknown) => controller.abort(reason) };
}

Deno.test("cached() computes the first call, shares it meanwhile, and answers from memory after", async () => {
  const { inner, ask, backend } = await fixture();
  const first = ask(7);
  const second = ask(7);
  inner.calls[0].answer();
  const { value } = inner.calls[0];
  assertEquals(await first, { value, cache: "miss", waitMs: 2, runMs: 3, transferMs: 0 });
  assertEquals(await second, { value, cache: "shared", waitMs: 2, runMs: 3, transferMs: 0 });
  assertEquals(await ask(7), { value, cache: "hit", waitMs: 0, runMs: 0, transferMs: 0 });
  assertEquals(inner.calls.length, 1);
  assertEquals(inner.calls[0].args, [7]);
  assertEquals(backend.stats().cache, {
    entries: 1,
    bytes: 1_000,
    maxBytes: MAX_BYTES,
    hits: 1,
    misses: 1,
    shared: 1,
    bypassed: 0,
  });
});

Deno.test("cached() keeps calls apart that differ in anything", async () => {
  const { inner, backend } = await fixture({ bytes: 1 });
  const args = [
    [7],
    [7, ""],
    [7, "a"],
    [7, "a,1:b"],
    [7, "a", "b"],
    ["7"],
    [7n],
    [0],
    [-0],
    [null],
    [undefined],
    [true],
    ["true"],
    [NaN],
  ] as unknown[] as [number][];
  const calls = args.map((args) => backend.call("f", args));
  assertEquals(inner.calls.map((call) => call.args), args);
  for (const call of inner.calls) call.answer();
  assertEquals(await Promise.all(calls), inner.calls.map(({ value }) => value));
  for (const [i, one] of args.entries()) {
    assertStrictEquals(backend.find("f", one)?.value, inner.calls[i].value);
  }
});

Deno.test("cached() answers whoever comes between an answer and its news", async () => {
  const { inner, ask } = await fixture();
  const first = ask(7);
  inner.calls[0].answer();
  assertEquals([(await ask(7)).cache, (await first).cache], ["shared", "miss"]);
});

Deno.test("cached() forgets what was asked for least recently", async () => {
  const { inner, ask, fill, backend } = await fixture();
  await fill(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  assertEquals(backend.stats().cache.bytes, MAX_BYTES);
  await ask(0);
  await fill(10);
  assertEquals(backend.stats().cache.bytes, MAX_BYTES);
  assertEquals((await ask(0)).cache, "hit");
  const again = ask(1);
  inner.calls.at(-1)!.answer();
  assertEquals((await again).cache, "miss");
});

Deno.test("cached() gives an answer larger than the cache, and does not keep it", async () => {
  const { inner, fill, backend } = await fixture({ bytes: MAX_BYTES - 511 });
  await fill(7);
  assertEquals([backend.stats().cache.entries, backend.stats().cache.bytes], [0, 0]);
  await fill(7);
  assertEquals(inner.calls.length, 2);
});

Deno.test("cached() keeps an answer that just fits", async () => {
  const { ask, fill } = await fixture({ bytes: MAX_BYTES - 512 });
  await fill(7);
  assertEquals((await ask(7)).cache, "hit");
});

Deno.test("cached() tells an error to all who wait, and forgets it", async () => {
  const { inner, ask, fill, backend } = await fixture();
  const calls = [0, 1, 2].map(() => ask(7).catch((error) => error));
  const error = new Error("failed");
  inner.calls[0].fail(error);
  for (const call of calls) assertStrictEquals(await call, error);
  assertEquals(backend.stats().cache.entries, 0);
  await fill(7);
  assertEquals(inner.calls.length, 2);
});

Deno.test("cached() passes on what its inner backend throws, and goes on", async () => {
  const inner = new HeldBackend();
  inner.call = () => {
    throw new Error("thrown");
  };
  const backend = cached(inner, { maxBytes: MAX_BYTES, pure: ["f"] });
  for (let i = 0; i < 2; i++) await assertRejects(() => backend.call("f", [7]), Error, "thrown");
});

Deno.test("cached() loads its library with the first answer, if nobody asked for it before", async () => {
  const inner = new HeldBackend();
  const backend = cached(inner, { maxBytes: MAX_BYTES, pure: ["f"] });
  const calls = [backend.call("f", [7]), backend.call("f", [7])];
  inner.calls[0].answer();
  for (const call of calls) assertStrictEquals(await call, inner.calls[0].value);
  // Meanwhile it is found all the same.
  assertStrictEquals(await backend.call("f", [7]), inner.calls[0].value);
  await backend.load();
  await turn();
  assertStrictEquals(backend.find("f", [7])?.value, inner.calls[0].value);
  assertEquals(inner.calls.length, 1);
});

Deno.test("cached() lets every other call pass", async () => {
  const { inner, backend } = await fixture({ pure: [] });
  const options = [{}, { pure: false }, { pure: true, transfer: [new ArrayBuffer(1)] }];
  for (const [i, each] of options.entries()) {
    const call = backend.call("f", [7], each);
    assertStrictEquals(inner.calls[i].options, each);
    inner.calls[i].answer();
    await call;
  }
  const pure = backend.call("f", [7], { pure: true });
  inner.calls[3].answer();
  await pure;
  const { hits, misses, entries } = backend.stats().cache;
  assertEquals([hits, misses, entries], [0, 1, 1]);
  assertEquals(inner.calls[3].options.pure, true);
});

Deno.test("cached() takes a key of one's own, and lets pass what has none", async () => {
  const key = (_method: string, [n]: readonly unknown[]) => n === 0 ? undefined : "all the same";
  const { inner, ask, fill } = await fixture({ key });
  await fill(7);
  assertEquals((await ask(8)).cache, "hit");
  await fill(0, 0);
  assertEquals(inner.calls.length, 3);
});

Deno.test("cached() rejects arguments that it has no key for, and calls nobody", async () => {
  const { inner, backend } = await fixture();
  for (const arg of [{}, [], new Date(), () => {}, Symbol("s")]) {
    await assertRejects(() => backend.call("f", [arg as never]), TypeError, "key");
  }
  assertEquals(inner.calls.length, 0);
});

Deno.test("cached() rejects an answer that it can't share", async () => {
  const { inner, ask, backend } = await fixture();
  const call = ask(7);
  inner.calls[0].answer({ prime: 7 });
  await assertRejects(() => call, TypeError, "weigh");
  const weighing = await fixture({ weigh: () => 1 });
  const map = weighing.ask(7);
  weighing.inner.calls[0].answer({ in: new Map() });
  await assertRejects(() => map, TypeError, "no [object Map]");
  assertEquals([backend.stats().cache.entries, weighing.backend.stats().cache.entries], [0, 0]);
});

Deno.test("cached() freezes plain data, and holds what it weighs", async () => {
  const { inner, ask, backend } = await fixture({ weigh: () => 99.5 });
  const call = ask(7);
  inner.calls[0].answer({ primes: [2, 3] });
  const { value } = await call as { value: { primes: number[] } };
  assertEquals([Object.isFrozen(value), Object.isFrozen(value.primes)], [true, true]);
  assertStrictEquals((await ask(7)).value, value);
  assertEquals(backend.stats().cache.bytes, 612);
});

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
  assertEquals(bounds, [[100, 200], [undefined, undefined], [0, 0]]);
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
  assertEquals([again.options.maxWaitMs, again.options.deadlineMs], [80, 160]);
  again.fail(new OverloadedError("full", 1_000));
  assertInstanceOf(await long.outcome, OverloadedError);
  const last = await inner.at(2);
  assertEquals(last.options.maxWaitMs, 180);
  last.fail(new DeadlineExceededError(360));
  assertInstanceOf(await longer.outcome, DeadlineExceededError);
  assertEquals(inner.calls.length, 3);
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

Deno.test("cached().find() finds what is held, as the call would answer it, and counts it", async () => {
  const { inner, ask, fill, backend } = await fixture();
  await fill(7);
  const { value } = inner.calls[0];
  for (let i = 0; i < 2; i++) assertStrictEquals(backend.find("f", [7])!.value, value);
  assertEquals(await ask(7), { value, cache: "hit", waitMs: 0, runMs: 0, transferMs: 0 });
  const { hits, misses, shared } = backend.stats().cache;
  assertEquals([hits, misses, shared], [3, 1, 0]);
});

Deno.test("cached().find() begins nothing, joins nothing and counts nothing where nothing is held", async () => {
  const { inner, ask, backend } = await fixture();
  assertEquals(backend.find("f", [7]), undefined);
  assertEquals(inner.calls.length, 0);
  const underWay = ask(7);
  const before = backend.stats().cache;
  assertEquals(backend.find("f", [7]), undefined);
  assertEquals(backend.stats().cache, before);
  inner.calls[0].answer();
  await underWay;
  assertStrictEquals(backend.find("f", [7])?.value, inner.calls[0].value);
});

Deno.test("cached().find() finds no error, and nothing that was too large to keep", async () => {
  const { inner, ask, backend } = await fixture({ bytes: MAX_BYTES });
  const failed = ask(7).catch(() => {});
  inner.calls[0].fail(new Error("failed"));
  await failed;
  const large = ask(8);
  inner.calls[1].answer();
  await large;
  assertEquals([backend.find("f", [7]), backend.find("f", [8])], [undefined, undefined]);
  assertEquals(backend.stats().cache.hits, 0);
});

Deno.test("cached().find() keeps what it finds from being forgotten", async () => {
  const { fill, backend } = await fixture();
  await fill(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  const first = backend.find("f", [0]);
  await fill(10);
  assertEquals([backend.find("f", [0]), backend.find("f", [1])], [first, undefined]);
});

Deno.test("cached() neither looks nor joins for a fresh call, and nobody joins it", async () => {
  const { inner, ask, backend } = await fixture();
  const first = ask(7);
  const fresh = ask(7, { fresh: true });
  const second = ask(7);
  assertEquals(inner.calls.length, 2);
  inner.calls[0].answer();
  assertEquals([(await first).cache, (await second).cache], ["miss", "shared"]);

  // The other is still under way when all of these come.
  const again = ask(7, { fresh: true });
  assertEquals(inner.calls.length, 3);
  assertEquals((await ask(7)).cache, "hit");
  const { value } = inner.calls[2];
  inner.calls[2].answer(undefined, { slot: 1, transferMs: 4 });
  const result = { value, cache: "bypass", waitMs: 2, runMs: 3, transferMs: 4, slot: 1 };
  assertEquals(await again, result as Answer);
  inner.calls[1].answer();
  await fresh;

  const alone = ask(8, { fresh: true });
  const beside = ask(8);
  assertEquals(inner.calls.length, 5);
  for (const call of inner.calls.slice(3)) call.answer();
  assertEquals([(await alone).cache, (await beside).cache], ["bypass", "miss"]);
  const { hits, misses, shared, bypassed } = backend.stats().cache;
  assertEquals([hits, misses, shared, bypassed], [1, 2, 1, 3]);
});

Deno.test("cached() remembers the answer to a fresh call, in the place of an older one", async () => {
  const { inner, ask, fill, backend } = await fixture();
  await fill(7);
  for (const n of [7, 8]) {
    const fresh = ask(n, { fresh: true });
    inner.calls.at(-1)!.answer(undefined, { slot: 1, transferMs: 4 });
    await fresh;
    const { value } = inner.calls.at(-1)!;
    // Without what was of that call alone.
    assertEquals(await ask(n), { value, cache: "hit", waitMs: 0, runMs: 0, transferMs: 0 });
  }
  assertEquals(backend.stats().cache.entries, 2);
});

Deno.test("cached() lets a call with reports have its own work, and remembers its answer", async () => {
  const { inner, ask } = await fixture();
  const shared = ask(7);
  const reports: unknown[] = [];
  const reporting = ask(7, { onReport: (report) => void reports.push(report) });
  assertEquals(inner.calls.length, 2);
  inner.calls[1].options.onReport!(0.5);
  inner.calls[1].answer();
  assertEquals([(await reporting).cache, reports], ["bypass", [0.5]]);
  assertEquals((await ask(7, { onReport() {} })).cache, "hit");
  inner.calls[0].answer();
  await shared;
});

Deno.test("cached() forgets the error of a fresh call, and keeps what it has", async () => {
  const { inner, ask, fill } = await fixture();
  await fill(7);
  const error = new RangeError("its own");
  const fresh = ask(7, { fresh: true }).catch((error) => error);
  inner.calls[1].fail(error);
  assertStrictEquals(await fresh, error);
  assertStrictEquals((await ask(7)).value, inner.calls[0].value);
});

Deno.test("cached() hands a fresh call's bounds on as they are", async () => {
  const { inner, clock, ask } = await fixture();
  const controller = new AbortController();
  const { signal } = controller;
  const fresh = ask(7, { fresh: true, signal, deadlineMs: 100 }).catch((error) => error);
  const { options } = inner.calls[0];
  assertStrictEquals(options.signal, signal);
  assertEquals([options.deadlineMs, options.maxWaitMs, clock.pending], [100, undefined, 0]);
  controller.abort("left");
  assertEquals(await fresh, "left");
});

Deno.test("cached() counts no fresh call whose signal has aborted", async () => {
  const { inner, ask, backend } = await fixture();
  const call = ask(7, { fresh: true, signal: AbortSignal.abort("left") });
  assertEquals(await call.catch((error) => error), "left");
  assertEquals([inner.calls.length, backend.stats().cache.bypassed], [0, 0]);
});

Deno.test("cached() tells who would join a call under way, and refuses what its inner one would", async () => {
  const { inner, ask, backend } = await fixture();
  const asked: unknown[] = [];
  const refused = { reason: "queue", message: "Queue is full", retryAfterMs: 7 } as const;
  Object.assign(inner, {
    isBusy: true,
    refusal(_method: string, [n]: [number], options?: BackendCallOptions) {
      asked.push([n, options?.group]);
      return refused;
    },
  });
  const first = ask(7, { group: "a" });
  assertEquals([inner.calls[0].options.group, backend.isBusy], ["a", true]);
  assertEquals([backend.joins("f", [7]), backend.joins("f", [8])], [true, false]);
  assertEquals(backend.refusal("f", [8], { group: "c" }), refused);
  assertEquals(asked, [[8, "c"]]);
  inner.calls[0].answer();
  await first;
  assertEquals(backend.joins("f", [7]), false);
});
