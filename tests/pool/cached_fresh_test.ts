import { type BackendCallOptions } from "../../lib/pool/mod.ts";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Answer, fixture, MAX_BYTES } from "./cached_fixture.ts";

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
