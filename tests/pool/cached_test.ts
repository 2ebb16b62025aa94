import { cached } from "../../lib/pool/cached.ts";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { HeldBackend, turn } from "./held_backend.ts";
import { fixture, MAX_BYTES } from "./cached_fixture.ts";

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
  assertStrictEquals(backend.find("f", [7])?.value, inner.calls[0].value);
  assertEquals(backend.stats().cache.hits, 1);
  await backend.load();
  await turn();
  assertStrictEquals(backend.find("f", [7])?.value, inner.calls[0].value);
  assertEquals(inner.calls.length, 1);
});

Deno.test("cached() refuses to remember nothing at all", () => {
  for (const maxBytes of [0, -1, NaN]) {
    assertThrows(() => cached(new HeldBackend(), { maxBytes }), RangeError, "maxBytes");
  }
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
