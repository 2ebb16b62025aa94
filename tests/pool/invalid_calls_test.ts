// Calls and options that make no sense: they reject that call alone, before anything is kept of it.

import { assertEquals, assertIsError, assertRejects, assertThrows } from "@std/assert";
import { orderedMap, WorkerPool, type WorkerPoolOptions } from "../../lib/pool/mod.ts";
import { Harness } from "./harness.ts";

// deno-lint-ignore no-explicit-any -- what TypeScript would not let through is what is tried
type Any = any;

const revoked = Proxy.revocable([], {});
revoked.revoke();

/** What is no array of arguments. */
const ARGS: Record<string, unknown> = {
  nothing: undefined,
  null: null,
  number: 5,
  string: "ab",
  object: { length: 1, 0: "a" },
  iterator: new Set(["a"]),
  "revoked array": revoked.proxy,
  "array that throws": new Proxy(["a"], {
    get() {
      throw new TypeError("no");
    },
  }),
};

/** What is no such option, and the error that says so. */
const OPTIONS: [name: string, options: unknown, error: string][] = [
  ["signal: controller", { signal: new AbortController() }, "TypeError: signal must be"],
  ["signal: null", { signal: null }, "TypeError: signal must be an AbortSignal: null"],
  ["signal: true", { signal: true }, "TypeError: signal must be an AbortSignal: true"],
  ["transfer: buffer", { transfer: new ArrayBuffer(1) }, "TypeError: transfer must be an array"],
  ["transfer: string", { transfer: "abc" }, 'TypeError: transfer must be an array: "abc"'],
  ["pure: string", { pure: "false" }, 'TypeError: pure must be true or false: "false"'],
  ["onTiming: object", { onTiming: {} }, "TypeError: onTiming must be a function"],
  ["options: null", null, "TypeError: options must be an object: null"],
  ["options: number", 5, "TypeError: options must be an object: 5"],
  ...["deadlineMs", "maxWaitMs", "estimateMs"].flatMap((name): typeof OPTIONS => [
    [
      `${name}: string`,
      { [name]: "500" },
      `TypeError: ${name} must be 0 milliseconds or more: "500"`,
    ],
    [
      `${name}: bigint`,
      { [name]: 500n },
      `TypeError: ${name} must be 0 milliseconds or more: 500n`,
    ],
    [`${name}: null`, { [name]: null }, `TypeError: ${name} must be 0 milliseconds or more: null`],
    [`${name}: true`, { [name]: true }, `TypeError: ${name} must be 0 milliseconds or more: true`],
    [`${name}: array`, { [name]: [500] }, `TypeError: ${name} must be 0 milliseconds or more`],
    [`${name}: date`, { [name]: new Date(5) }, `TypeError: ${name} must be 0 milliseconds or more`],
    [`${name}: NaN`, { [name]: NaN }, `RangeError: ${name} must be 0 milliseconds or more: NaN`],
    [`${name}: -1`, { [name]: -1 }, `RangeError: ${name} must be 0 milliseconds or more: -1`],
  ]),
];

/** Tries a call that makes no sense beside one that does. @returns How the first was rejected. */
async function beside(run: (pool: Any) => Promise<unknown>): Promise<string> {
  await using self = new Harness({ size: 1 });
  await self.pool.ready;
  const other = self.pool.call("hold", ["other"]);
  await self.running("other");
  const error = await assertRejects(() => run(self.pool));
  assertIsError(error);
  const { totals, queue } = self.pool.stats();
  assertEquals([totals.calls, queue.length], [1, 0], "something is kept of it");
  self.release("other");
  assertEquals(await other, "other");
  assertEquals(await self.pool.call("echo", [1]), 1);
  assertEquals(await self.pool.close(), { abandoned: 0, wedged: 0 });
  return `${error.name}: ${error.message}`;
}

for (const [name, args] of Object.entries(ARGS)) {
  Deno.test(`call() with arguments that are no array rejects that call alone: ${name}`, async () => {
    const told = await beside((pool) => pool.call("echo", args));
    assertEquals(told.split(":")[0], "TypeError");
  });
}

for (const [name, options, error] of OPTIONS) {
  Deno.test(`call() with an option that is none rejects that call alone: ${name}`, async () => {
    const told = await beside((pool) => pool.call("echo", [1], options));
    assertEquals(told.slice(0, error.length), error);
  });
}

Deno.test("call() with an option that throws rejects that call alone", async () => {
  const told = await beside((pool) =>
    pool.call("echo", [1], {
      get deadlineMs() {
        throw new RangeError("mine");
      },
    })
  );
  assertEquals(told, "RangeError: mine");
});

Deno.test("call() with a method that is no name rejects that call alone", async () => {
  for (const method of [5, null, undefined, Symbol("echo"), {}]) {
    const told = await beside((pool) => pool.call(method, [1]));
    assertEquals(told, "TypeError: method must be a string");
  }
});

Deno.test("call() reads its options once, and its arguments when it is made", async () => {
  await using self = new Harness({ size: 1 });
  await self.pool.ready;
  let read = 0;
  const args: [unknown] = ["as it was"];
  const call = self.pool.call("echo", args, {
    get deadlineMs() {
      return read++ === 0 ? 1_000 : NaN;
    },
  });
  args[0] = "changed";
  assertEquals(await call, "as it was");
  assertEquals(read, 1);
});

Deno.test("map() over what is no array of arguments ends with a TypeError", async () => {
  await using self = new Harness();
  await assertRejects(
    () => Array.fromAsync(self.pool.map("echo", [1, 2] as Any)),
    TypeError,
    "args must be an array of the method's arguments: 1",
  );
});

Deno.test("map() refuses what is no number of calls", async () => {
  await using self = new Harness();
  for (const concurrency of ["2", null, [2]]) {
    const options = { concurrency } as Any;
    assertThrows(() => self.pool.map("echo", [], options), TypeError, "concurrency must be");
  }
  for (const concurrency of [0, 1.5, NaN, Infinity]) {
    assertThrows(() => self.pool.map("echo", [], { concurrency }), RangeError, "concurrency");
  }
});

Deno.test("close() refuses what is no duration, and closes all the same afterwards", async () => {
  const self = new Harness();
  for (const graceMs of ["500", null, 500n, [500]]) {
    assertThrows(() => self.pool.close({ graceMs } as Any), TypeError, "graceMs must be");
  }
  assertThrows(() => self.pool.close({ graceMs: NaN }), RangeError, "graceMs must be");
  assertEquals(await self.pool.call("echo", [1]), 1);
  await self[Symbol.asyncDispose]();
});

for (const name of ["size", "maxQueue", "maxWedged", "cancelGraceMs", "startTimeoutMs"]) {
  Deno.test(`WorkerPool refuses what is no ${name}`, () => {
    const make = (value: unknown) => () => {
      const spawn = () => {
        throw new Error("Not here");
      };
      return new WorkerPool({ spawn, [name]: value } as WorkerPoolOptions);
    };
    for (const value of ["2", null, true, [2], 2n, {}]) {
      assertThrows(make(value), TypeError, `${name} must be`);
    }
    for (const value of [-1, NaN]) assertThrows(make(value), RangeError, `${name} must be`);
  });
}

Deno.test("WorkerPool has a default size where the platform tells none", () => {
  for (const navigator of [undefined, {}, { hardwareConcurrency: 0 }]) {
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
    try {
      const pool = new WorkerPool({
        spawn() {
          throw new Error("Not here");
        },
      });
      assertEquals(pool.size, 4);
      pool.close();
    } finally {
      Object.defineProperty(globalThis, "navigator", before);
    }
  }
});

Deno.test("orderedMap() never opens its source if its signal is aborted before", async () => {
  let opened = 0;
  const source = {
    [Symbol.iterator]() {
      opened++;
      return [1][Symbol.iterator]();
    },
  };
  const results = orderedMap(source, (n) => Promise.resolve(n), {
    concurrency: 2,
    signal: AbortSignal.abort("before"),
  });
  await assertRejects(
    () => results.next().catch((reason) => Promise.reject(new Error(reason))),
    Error,
    "before",
  );
  assertEquals(opened, 0);
});

Deno.test("orderedMap() stops at once when it is told to while an element is pending", async () => {
  let aborted = 0;
  let closed = 0;
  const source = {
    [Symbol.iterator]: () => ({
      next: () => ({ value: 1, done: false }),
      return: () => {
        closed++;
        return { value: undefined, done: true as const };
      },
    }),
  };
  const never = (_: number, signal: AbortSignal) =>
    new Promise<number>((_, reject) => {
      signal.addEventListener("abort", () => {
        aborted++;
        reject(signal.reason);
      });
    });
  const stream = ReadableStream.from(orderedMap(source, never, { concurrency: 3 }));
  const reader = stream.getReader();
  const pending = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0));
  await reader.cancel();
  assertEquals([aborted, closed], [3, 1]);
  assertEquals(await pending, { value: undefined, done: true });

  const results = orderedMap([1], never, { concurrency: 1 });
  const next = results.next();
  assertEquals(await results.return(), { value: undefined, done: true });
  assertEquals(await next, { value: undefined, done: true });
});
