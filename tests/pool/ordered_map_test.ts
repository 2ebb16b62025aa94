import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { orderedMap } from "../../lib/pool/mod.ts";

/** Calls that end when the test says so. */
class Gate {
  readonly calls: { value: number; signal: AbortSignal; end: PromiseWithResolvers<string> }[] = [];

  readonly call = (value: number, signal: AbortSignal): Promise<string> => {
    const end = Promise.withResolvers<string>();
    this.calls.push({ value, signal, end });
    return end.promise;
  };
}

function* count(pulled: { number: number; returned: boolean }): Generator<number> {
  try {
    while (true) yield pulled.number++;
  } finally {
    pulled.returned = true;
  }
}

Deno.test("orderedMap() yields in the order of the source, in whatever order the calls end", async () => {
  await fc.assert(fc.asyncProperty(
    fc.scheduler(),
    fc.array(fc.nat()),
    fc.integer({ min: 1, max: 5 }),
    async (scheduler, values, concurrency) => {
      let underWay = 0;
      let most = 0;
      const call = async (value: number) => {
        most = Math.max(most, ++underWay);
        await scheduler.schedule(Promise.resolve());
        underWay--;
        return -value;
      };
      const results = Array.fromAsync(orderedMap(values, call, { concurrency }));
      await scheduler.waitFor(results);
      assertEquals(await results, values.map((value) => -value));
      assertEquals(most <= concurrency, true);
    },
  ));
});

Deno.test("orderedMap() pulls its source only as far ahead as concurrency goes", async () => {
  const gate = new Gate();
  const pulled = { number: 0, returned: false };
  const results = orderedMap(count(pulled), gate.call, { concurrency: 3 });
  assertEquals(pulled.number, 0);
  const first = results.next();
  while (gate.calls.length < 3) await Promise.resolve();
  assertEquals(pulled.number, 3);
  gate.calls[0].end.resolve("a");
  assertEquals((await first).value, "a");
  assertEquals(pulled.number, 3);
  await results.return();
});

Deno.test("orderedMap() aborts its calls and closes its source when the consumer stops", async () => {
  const gate = new Gate();
  const pulled = { number: 0, returned: false };
  const results = orderedMap(count(pulled), gate.call, { concurrency: 2 });
  const first = results.next();
  while (gate.calls.length < 2) await Promise.resolve();
  gate.calls[0].end.resolve("a");
  await first;
  await results.return();
  assertEquals(gate.calls.map(({ signal }) => signal.aborted), [true, true]);
  assertEquals(pulled.returned, true);
});

Deno.test("orderedMap() ends with the first error in the order of the source", async () => {
  const gate = new Gate();
  const pulled = { number: 0, returned: false };
  const results = Array.fromAsync(orderedMap(count(pulled), gate.call, { concurrency: 3 }));
  while (gate.calls.length < 3) await Promise.resolve();
  gate.calls[2].end.reject(new Error("third"));
  gate.calls[1].end.reject(new Error("second"));
  gate.calls[0].end.resolve("first");
  await assertRejects(() => results, Error, "second");
  assertEquals(pulled.returned, true);
});

Deno.test("orderedMap() ends with its signal's reason", async () => {
  const controller = new AbortController();
  const call = (_: number, signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  const results = orderedMap([1, 2], call, { concurrency: 1, signal: controller.signal });
  const first = results.next();
  controller.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
});

Deno.test("orderedMap() does not hold back a result because its source is slow", async () => {
  const next = Promise.withResolvers<void>();
  async function* source() {
    yield 1;
    await next.promise;
    yield 2;
  }
  const results = orderedMap(source(), (n) => Promise.resolve(n * 10), { concurrency: 2 });
  assertEquals((await results.next()).value, 10);
  next.resolve();
  assertEquals((await results.next()).value, 20);
  assertEquals((await results.next()).done, true);
});

Deno.test("orderedMap() passes on an error of its source", async () => {
  function* source() {
    yield 1;
    throw new Error("source");
  }
  const results = orderedMap(source(), (n) => Promise.resolve(n), { concurrency: 1 });
  assertEquals((await results.next()).value, 1);
  await assertRejects(() => results.next(), Error, "source");
});

Deno.test("orderedMap() lets go of a source that is stuck", async () => {
  const stuck: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => {
      let first = true;
      return {
        next: () => {
          if (!first) return new Promise(() => {});
          first = false;
          return Promise.resolve({ value: 1, done: false });
        },
        return: () => new Promise(() => {}),
      };
    },
  };
  for await (const result of orderedMap(stuck, (n) => Promise.resolve(n), { concurrency: 2 })) {
    assertEquals(result, 1);
    break;
  }
});

Deno.test("orderedMap() ends with its signal's reason though its source is stuck", async () => {
  const controller = new AbortController();
  const stuck = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const results = orderedMap(stuck, (n) => Promise.resolve(n), {
    concurrency: 1,
    signal: controller.signal,
  });
  const first = results.next();
  controller.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
});
