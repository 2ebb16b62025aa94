import { cached } from "../../lib/compute/cached.ts";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import {
  type Compute,
  DeadlineExceededError,
  type FibonacciJob,
  type FibonacciResult,
  InfeasibleError,
  OverloadedError,
} from "../../lib/compute/mod.ts";
import { FakeClock } from "../pool/fake_clock.ts";
import { HeldCompute, listenersOf, turn } from "./fakes.ts";

/** Takes ten answers of 488 bytes: an entry weighs 512 beside its digits. */
const MAX_BYTES = 10_000;

function fixture(options: { deaf?: boolean; digitBytes?: number } = {}) {
  const inner = new HeldCompute({ digitBytes: 488, ...options });
  const clock = new FakeClock();
  const compute = cached(inner.compute, { maxBytes: MAX_BYTES, clock });
  return {
    inner,
    clock,
    compute,
    /** Has the answers to these held. */
    async fill(...ns: number[]): Promise<void> {
      for (const n of ns) {
        const call = compute(fast(n));
        inner.calls.at(-1)!.answer();
        await call;
      }
    },
  };
}

function fast(n: number): FibonacciJob {
  return { n, algorithm: "fast-doubling" };
}

/** Calls as somebody who may leave: `outcome` is what the call came to. */
function visit(compute: Compute, job: FibonacciJob, deadlineMs?: number) {
  const controller = new AbortController();
  const outcome = compute(job, { signal: controller.signal, deadlineMs }).catch((error) => error);
  return { outcome, leave: (reason: unknown) => controller.abort(reason) };
}

Deno.test("cached() computes the first call, shares it meanwhile, and answers from memory after", async () => {
  const { inner, compute } = fixture();
  const first = compute(fast(7));
  const second = compute(fast(7));
  inner.calls[0].answer();
  const { digits } = inner.calls[0];
  assertEquals(await first, { digits, cache: "miss", queueMs: 2, computeMs: 3 });
  assertEquals(await second, { digits, cache: "shared", queueMs: 2, computeMs: 3 });
  assertEquals(await compute(fast(7)), { digits, cache: "hit", queueMs: 0, computeMs: 0 });
  assertEquals(inner.calls.length, 1);
  assertEquals(inner.calls[0].job, fast(7));
  assertEquals(compute.stats(), {
    entries: 1,
    bytes: 1_000,
    maxBytes: MAX_BYTES,
    hits: 1,
    misses: 1,
    shared: 1,
    bypassed: 0,
  });
});

Deno.test("cached() keeps numbers and algorithms apart", async () => {
  const { inner, compute } = fixture();
  const jobs = [fast(7), fast(8), { n: 7, algorithm: "iterative" }] as const;
  const calls = jobs.map((job) => compute(job));
  for (const call of inner.calls) call.answer();
  const results = await Promise.all(calls);
  for (const [i, job] of jobs.entries()) {
    assertStrictEquals(results[i].digits, inner.calls[i].digits);
    assertStrictEquals((await compute(job)).digits, inner.calls[i].digits);
  }
});

Deno.test("cached() answers whoever comes between an answer and its news", async () => {
  const { inner, compute } = fixture();
  const first = compute(fast(7));
  inner.calls[0].answer();
  assertEquals([(await compute(fast(7))).cache, (await first).cache], ["shared", "miss"]);
});

Deno.test("cached() forgets what was asked for least recently", async () => {
  const { inner, compute, fill } = fixture();
  await fill(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  assertEquals(compute.stats().bytes, MAX_BYTES);
  await compute(fast(0));
  await fill(10);
  assertEquals(compute.stats().bytes, MAX_BYTES);
  assertEquals((await compute(fast(0))).cache, "hit");
  const again = compute(fast(1));
  inner.calls.at(-1)!.answer();
  assertEquals((await again).cache, "miss");
});

Deno.test("cached() gives an answer larger than the cache, and does not keep it", async () => {
  const { inner, compute, fill } = fixture({ digitBytes: MAX_BYTES - 511 });
  await fill(7);
  assertEquals([compute.stats().entries, compute.stats().bytes], [0, 0]);
  await fill(7);
  assertEquals(inner.calls.length, 2);
});

Deno.test("cached() keeps an answer that just fits", async () => {
  const { compute, fill } = fixture({ digitBytes: MAX_BYTES - 512 });
  await fill(7);
  assertEquals((await compute(fast(7))).cache, "hit");
});

Deno.test("cached() tells an error to all who wait, and forgets it", async () => {
  const { inner, compute, fill } = fixture();
  const calls = [0, 1, 2].map(() => compute(fast(7)).catch((error) => error));
  const error = new Error("failed");
  inner.calls[0].fail(error);
  for (const call of calls) assertStrictEquals(await call, error);
  assertEquals(compute.stats().entries, 0);
  await fill(7);
  assertEquals(inner.calls.length, 2);
});

Deno.test("cached() passes on what its inner Compute throws, and goes on", async () => {
  const compute = cached(() => {
    throw new Error("thrown");
  }, { maxBytes: MAX_BYTES });
  for (let i = 0; i < 2; i++) await assertRejects(() => compute(fast(7)), Error, "thrown");
});

Deno.test("cached() goes on for the others when one caller leaves", async () => {
  const { inner, compute } = fixture();
  const [first, second, third] = [0, 1, 2].map(() => visit(compute, fast(7)));
  first.leave("first");
  third.leave("third");
  assertEquals(await first.outcome, "first");
  assertEquals(await third.outcome, "third");
  assertEquals(inner.calls[0].options.signal!.aborted, false);
  inner.calls[0].answer();
  assertEquals((await second.outcome).cache, "shared");
});

Deno.test("cached() stops its work when the last caller leaves, for that one's reason", async () => {
  const { inner, compute } = fixture();
  const [first, second] = [visit(compute, fast(7)), visit(compute, fast(7))];
  const reason = new Error("second");
  first.leave(new Error("first"));
  second.leave(reason);
  assertStrictEquals(inner.calls[0].options.signal!.reason, reason);
  assertStrictEquals(await second.outcome, reason);
});

Deno.test("cached() begins anew for whoever comes after the last has left", async () => {
  const { inner, compute } = fixture({ deaf: true });
  const left = visit(compute, fast(7));
  left.leave("left");
  const next = visit(compute, fast(7));
  assertEquals(inner.calls.length, 2);
  let settled = false;
  next.outcome.then(() => settled = true);

  inner.calls[0].fail(new Error("late"));
  await turn();
  assertEquals(settled, false);
  assertEquals(inner.calls[1].options.signal!.aborted, false);

  // The late end did not take the new flight off the list: who comes now joins it.
  const joined = visit(compute, fast(7));
  assertEquals(inner.calls.length, 2);
  inner.calls[1].answer();
  assertStrictEquals((await next.outcome).digits, inner.calls[1].digits);
  assertEquals((await joined.outcome).cache, "shared");
});

Deno.test("cached() begins anew for whoever comes because its work is being stopped", async () => {
  const { inner, compute } = fixture();
  const left = visit(compute, fast(7));
  const next = Promise.withResolvers<FibonacciResult>();
  inner.calls[0].options.signal!.addEventListener(
    "abort",
    () => next.resolve(visit(compute, fast(7)).outcome),
  );
  left.leave("left");
  assertEquals(inner.calls.length, 2);
  inner.calls[1].answer();
  assertEquals((await next.promise).cache, "miss");
});

Deno.test("cached() takes no flight off its list but the one that was left", async () => {
  const { inner, compute } = fixture({ deaf: true });
  const first = visit(compute, fast(7));
  let next: ReturnType<typeof visit>;
  // Just here the flight has ended, and its last caller has not heard of it yet.
  const between = inner.calls[0].result.catch(() => {
    next = visit(compute, fast(7));
    last.leave("left");
  });
  const last = visit(compute, fast(7));
  first.leave("left");
  inner.calls[0].fail(new Error("failed"));
  await between;
  assertEquals(await last.outcome, "left");
  visit(compute, fast(7));
  assertEquals(inner.calls.length, 2);
  inner.calls[1].answer();
  assertEquals((await next!.outcome).cache, "miss");
});

Deno.test("cached() keeps an answer that comes though all have left", async () => {
  const { inner, compute } = fixture({ deaf: true });
  visit(compute, fast(7)).leave("left");
  inner.calls[0].answer();
  await turn();
  assertEquals((await compute(fast(7))).cache, "hit");
});

Deno.test("cached() lets an abort in the tick of the answer end its caller's wait alone", async () => {
  const { inner, compute } = fixture();
  const [left, stayed] = [visit(compute, fast(7)), visit(compute, fast(7))];
  inner.calls[0].answer();
  left.leave("left");
  assertEquals(await left.outcome, "left");
  assertEquals((await stayed.outcome).cache, "shared");
  assertEquals((await compute(fast(7))).cache, "hit");
});

Deno.test("cached() joins no flight and begins none for a signal that has aborted", async () => {
  const { inner, compute } = fixture();
  const first = compute(fast(7));
  const signal = AbortSignal.abort("left");
  for (const n of [7, 8]) {
    assertEquals(await compute(fast(n), { signal }).catch((error) => error), "left");
  }
  assertEquals(inner.calls.length, 1);
  assertEquals(inner.calls[0].options.signal!.aborted, false);
  const { misses, shared } = compute.stats();
  assertEquals([misses, shared], [1, 0]);
  inner.calls[0].answer();
  await first;
});

Deno.test("cached() gives its work the first caller's deadline to start, and twice that to end", async () => {
  const { inner, compute } = fixture();
  const calls = [
    compute(fast(7), { deadlineMs: 100 }),
    compute(fast(7), { deadlineMs: 500 }),
    compute(fast(8)),
    compute(fast(9), { deadlineMs: 0 }),
  ];
  for (const call of inner.calls) call.answer();
  await Promise.all(calls);
  const bounds = inner.calls.map(({ options }) => [options.deadlineMs, options.limitMs]);
  assertEquals(bounds, [[100, 200], [undefined, undefined], [0, 0]]);
});

Deno.test("cached() begins anew for whoever had more time than the one whose time was up", async () => {
  const { inner, clock, compute } = fixture();
  const short = visit(compute, fast(7), 10);
  const long = visit(compute, fast(7), 100);
  const longer = visit(compute, fast(7), 200);
  const same = visit(compute, fast(7), 10);
  clock.advance(10);
  assertInstanceOf(await short.outcome, DeadlineExceededError);
  assertInstanceOf(await same.outcome, DeadlineExceededError);
  clock.advance(10);
  inner.calls[0].fail(new DeadlineExceededError(20));
  const again = await inner.call(1);
  assertEquals([again.options.deadlineMs, again.options.limitMs], [80, 160]);
  again.fail(new OverloadedError("full", 1_000));
  assertInstanceOf(await long.outcome, OverloadedError);
  const last = await inner.call(2);
  assertEquals(last.options.deadlineMs, 180);
  // Feasible in all of its time, it is told what it lacked, and not that it never was.
  last.fail(new InfeasibleError(190, 180));
  assertInstanceOf(await longer.outcome, OverloadedError);
  assertEquals(inner.calls.length, 3);
});

Deno.test("cached() does not begin anew for an error of the function's own", async () => {
  const { inner, compute } = fixture();
  const short = visit(compute, fast(7), 10);
  const long = visit(compute, fast(7), 100);
  const error = new RangeError("its own");
  inner.calls[0].fail(error);
  assertEquals([await short.outcome, await long.outcome], [error, error]);
  assertEquals(inner.calls.length, 1);
});

Deno.test("cached() ends a wait at its own deadline, and the work with the last", async () => {
  const { inner, clock, compute } = fixture();
  const [first, second] = [visit(compute, fast(7), 100), visit(compute, fast(7), 150)];
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
  const { clock, compute } = fixture();
  const call = visit(compute, fast(7), 0);
  clock.advance(0);
  assertInstanceOf(await call.outcome, DeadlineExceededError);
});

Deno.test("cached() takes no deadline, and Infinity, for all the time there is", async () => {
  const { inner, clock, compute } = fixture();
  const calls = [compute(fast(7)), compute(fast(7), { deadlineMs: Infinity })];
  clock.advance(Number.MAX_SAFE_INTEGER);
  inner.calls[0].answer();
  await Promise.all(calls);
});

Deno.test("cached() goes by the real time, unless told otherwise", async () => {
  const inner = new HeldCompute();
  const compute = cached(inner.compute, { maxBytes: MAX_BYTES });
  const patient = visit(compute, fast(8), Infinity);
  const brief = visit(compute, fast(7), 1);
  assertInstanceOf(await brief.outcome, DeadlineExceededError);
  inner.calls[0].answer();
  assertStrictEquals((await patient.outcome).digits, inner.calls[0].digits);
});

Deno.test("cached() never looks at the signal or deadline of a call that it answers from memory", async () => {
  const { compute, fill } = fixture();
  await fill(7);
  const untouchable = {
    get signal(): AbortSignal {
      throw new Error("looked at the signal");
    },
    get deadlineMs(): number {
      throw new Error("looked at the deadline");
    },
  };
  assertEquals((await compute(fast(7), untouchable)).cache, "hit");
});

Deno.test.each(["an answer", "an error", "an abort", "a deadline"])(
  "cached() leaves no timer and no listener behind after %s",
  async (how) => {
    const { inner, clock, compute } = fixture();
    const { signal } = new AbortController();
    const listeners = listenersOf(signal);
    const call = compute(fast(7), { signal, deadlineMs: 100 }).catch(() => {});
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
  const { inner, compute, fill } = fixture();
  await fill(7);
  const { digits } = inner.calls[0];
  const hit = { digits, cache: "hit", queueMs: 0, computeMs: 0 } as const;
  assertEquals(compute.find!(fast(7)), hit);
  assertStrictEquals(compute.find!(fast(7))!.digits, digits);
  assertEquals(await compute(fast(7)), hit);
  const { hits, misses, shared } = compute.stats();
  assertEquals([hits, misses, shared], [3, 1, 0]);
});

Deno.test("cached().find() begins nothing, joins nothing and counts nothing where nothing is held", async () => {
  const { inner, compute } = fixture();
  assertEquals(compute.find!(fast(7)), undefined);
  assertEquals(inner.calls.length, 0);
  const underWay = compute(fast(7));
  const before = compute.stats();
  assertEquals(compute.find!(fast(7)), undefined);
  assertEquals(compute.stats(), before);
  inner.calls[0].answer();
  await underWay;
  assertEquals(compute.find!(fast(7))?.cache, "hit");
});

Deno.test("cached().find() finds no error, and nothing that was too large to keep", async () => {
  const { inner, compute } = fixture({ digitBytes: MAX_BYTES });
  const failed = compute(fast(7)).catch(() => {});
  inner.calls[0].fail(new Error("failed"));
  await failed;
  const large = compute(fast(8));
  inner.calls[1].answer();
  await large;
  assertEquals([compute.find!(fast(7)), compute.find!(fast(8))], [undefined, undefined]);
  assertEquals(compute.stats().hits, 0);
});

Deno.test("cached().find() keeps what it finds from being forgotten", async () => {
  const { compute, fill } = fixture();
  await fill(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  compute.find!(fast(0));
  await fill(10);
  assertEquals([compute.find!(fast(0))?.cache, compute.find!(fast(1))?.cache], ["hit", undefined]);
});

Deno.test("cached() neither looks nor joins for a fresh call, and nobody joins it", async () => {
  const { inner, compute } = fixture();
  const first = compute(fast(7));
  const fresh = compute(fast(7), { fresh: true });
  const second = compute(fast(7));
  assertEquals(inner.calls.length, 2);
  inner.calls[0].answer();
  assertEquals([(await first).cache, (await second).cache], ["miss", "shared"]);

  // The other is still under way when all of these come.
  const again = compute(fast(7), { fresh: true });
  assertEquals(inner.calls.length, 3);
  assertEquals((await compute(fast(7))).cache, "hit");
  const { digits } = inner.calls[2];
  inner.calls[2].answer({ worker: 1, transferMs: 4 });
  const result = { digits, cache: "bypass", queueMs: 2, computeMs: 3, transferMs: 4, worker: 1 };
  assertEquals(await again, result as FibonacciResult);
  inner.calls[1].answer();
  await fresh;

  const alone = compute(fast(8), { fresh: true });
  const beside = compute(fast(8));
  assertEquals(inner.calls.length, 5);
  for (const call of inner.calls.slice(3)) call.answer();
  assertEquals([(await alone).cache, (await beside).cache], ["bypass", "miss"]);
  const { hits, misses, shared, bypassed } = compute.stats();
  assertEquals([hits, misses, shared, bypassed], [1, 2, 1, 3]);
});

Deno.test("cached() remembers the answer to a fresh call, in the place of an older one", async () => {
  const { inner, compute, fill } = fixture();
  await fill(7);
  for (const n of [7, 8]) {
    const fresh = compute(fast(n), { fresh: true });
    inner.calls.at(-1)!.answer({ worker: 1, transferMs: 4 });
    await fresh;
    const { digits } = inner.calls.at(-1)!;
    // Without what was of that call alone.
    assertEquals(await compute(fast(n)), { digits, cache: "hit", queueMs: 0, computeMs: 0 });
  }
  assertEquals(compute.stats().entries, 2);
});

Deno.test("cached() forgets the error of a fresh call, and keeps what it has", async () => {
  const { inner, compute, fill } = fixture();
  await fill(7);
  const error = new RangeError("its own");
  const fresh = compute(fast(7), { fresh: true }).catch((error) => error);
  inner.calls[1].fail(error);
  assertStrictEquals(await fresh, error);
  assertStrictEquals((await compute(fast(7))).digits, inner.calls[0].digits);
});

Deno.test("cached() hands a fresh call's bounds on as they are", async () => {
  const { inner, clock, compute } = fixture();
  const controller = new AbortController();
  const { signal } = controller;
  const fresh = compute(fast(7), { fresh: true, signal, deadlineMs: 100 }).catch((error) => error);
  const { options } = inner.calls[0];
  assertStrictEquals(options.signal, signal);
  assertEquals([options.deadlineMs, options.limitMs, clock.pending], [100, undefined, 0]);
  controller.abort("left");
  assertEquals(await fresh, "left");
});

Deno.test("cached() counts no fresh call whose signal has aborted", async () => {
  const { inner, compute } = fixture();
  const call = compute(fast(7), { fresh: true, signal: AbortSignal.abort("left") });
  assertEquals(await call.catch((error) => error), "left");
  assertEquals([inner.calls.length, compute.stats().bypassed], [0, 0]);
});

Deno.test("cached() keeps codings apart from plain digits, from each other, and from other frames", async () => {
  const { inner, compute } = fixture();
  const jobs: FibonacciJob[] = [
    fast(7),
    { ...fast(7), encoding: { coding: "gzip", before: "", after: "" } },
    { ...fast(7), encoding: { coding: "br", before: "", after: "" } },
    { ...fast(7), encoding: { coding: "gzip", before: "{", after: "}" } },
    { ...fast(7), encoding: { coding: "br", before: "{", after: "}" } },
  ];
  const calls = jobs.map((job) => compute(job));
  assertEquals(inner.calls.map(({ job }) => job), jobs);
  for (const call of inner.calls) call.answer({ coding: call.job.encoding?.coding });
  await Promise.all(calls);
  for (const [i, job] of jobs.entries()) {
    const { digits, coding } = compute.find!(job)!;
    assertStrictEquals(digits, inner.calls[i].digits);
    assertEquals(coding, job.encoding?.coding);
    assertEquals((await compute(job)).coding, coding);
  }
  assertEquals(compute.stats().entries, jobs.length);
  assertEquals(inner.calls.length, jobs.length);
});

Deno.test("cached() tells the coding that an answer has, whatever was asked for", async () => {
  const { inner, compute } = fixture();
  const job: FibonacciJob = { ...fast(7), encoding: { coding: "br", before: "", after: "" } };
  const call = compute(job);
  // It can't: then it leaves the digits alone.
  inner.calls[0].answer();
  assertEquals((await call).coding, undefined);
  assertEquals(compute.find!(job)!.coding, undefined);
});

Deno.test("cached() asks whose call it is only if its inner one does", async () => {
  const { inner, compute } = fixture();
  let asked = 0;
  const options = {
    get group() {
      asked++;
      return "a";
    },
  };
  const call = compute(fast(7), options);
  assertEquals(asked, 0);
  assertEquals([inner.calls[0].options.group, asked], ["a", 1]);
  inner.calls[0].answer();
  await call;
  await compute(fast(7), options);
  assertEquals(asked, 1);
});

Deno.test("cached() refuses what its inner one would, and not who joins a call under way", async () => {
  const held = new HeldCompute({ digitBytes: 488 });
  const asked: unknown[] = [];
  const refused = { reason: "queue", message: "Queue is full", retryAfterMs: 7 } as const;
  const inner = Object.assign(held.compute, {
    refusal(job: FibonacciJob, options?: { group?: unknown }) {
      asked.push([job.n, options?.group]);
      return refused;
    },
  });
  const compute = cached(inner, { maxBytes: MAX_BYTES, clock: new FakeClock() });
  const first = compute(fast(7), { group: "a" });
  assertEquals(held.calls[0].options.group, "a");
  assertEquals(compute.refusal?.(fast(7)), undefined);
  assertEquals(compute.refusal?.(fast(7), { fresh: true, group: "b" }), refused);
  assertEquals(compute.refusal?.(fast(8), { group: "c" }), refused);
  assertEquals(asked, [[7, "b"], [8, "c"]]);
  held.calls[0].answer();
  await first;
});
