import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  type Backend,
  type BackendCallOptions,
  DeadlineExceededError,
  PoolClosedError,
  type Timing,
} from "../../lib/pool/mod.ts";

/** What every backend under test serves. */
export interface ContractApi {
  /** Adds. It is pure. */
  add(a: number, b: number): number;
  /** Counts its calls: where there are several workers, each its own. It is not pure. */
  count(): number;
  /** Throws a `RangeError` whose cause is a `TypeError`. It is pure. */
  fail(message: string): never;
  /** Comes to `text` after as many turns of the event loop. It is pure. */
  later(text: string, turns: number): Promise<string>;
  /** Never comes to anything. */
  never(): Promise<never>;
}

/** Makes what is served. */
export function contractApi(): ContractApi {
  let counted = 0;
  return {
    add: (a, b) => a + b,
    count: () => ++counted,
    fail(message) {
      throw new RangeError(message, { cause: new TypeError("cause") });
    },
    async later(text, turns) {
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 0));
      return text;
    },
    never: () => new Promise<never>(() => {}),
  };
}

/** The methods that answer the same each time. */
export const PURE = ["add", "fail", "later"] as const;

/** Registers one test of the contract. */
export type Register = (name: string, run: () => Promise<void>) => void;

/**
 * Registers the tests that every backend must pass, whatever it is made of.
 *
 * @param make Makes a fresh one. It is closed after its test.
 */
export function backendContract(
  name: string,
  make: () => Backend<ContractApi> | Promise<Backend<ContractApi>>,
  register: Register = Deno.test,
): void {
  const test = (criterion: string, run: (backend: Backend<ContractApi>) => Promise<void>) =>
    register(`${name} ${criterion}`, async () => {
      const backend = await make();
      try {
        await run(backend);
      } finally {
        await backend.close({ graceMs: 0 });
      }
    });
  const assertUsable = async (backend: Backend<ContractApi>) =>
    assertEquals(await backend.call("add", [40, 2]), 42);

  test("comes to what a method returns, now or later", async (backend) => {
    assertEquals(await backend.call("add", [1, 2]), 3);
    assertEquals(await backend.call("later", ["text", 2]), "text");
  });

  test("answers many identical and different calls at a time", async (backend) => {
    const texts = Array.from({ length: 32 }, (_, i) => `text ${i % 5}`);
    const calls = texts.map((text, i) => backend.call("later", [text, i % 3]));
    assertEquals(await Promise.all(calls), texts);
  });

  test("rejects with the method's own error, and goes on", async (backend) => {
    for (let i = 0; i < 2; i++) {
      const error = await assertRejects(() => backend.call("fail", ["own"]), RangeError, "own");
      assertInstanceOf(error.cause, TypeError);
    }
    await assertUsable(backend);
  });

  test("rejects a method that is not there, and never throws", async (backend) => {
    for (const method of ["nope", "constructor", "toString"]) {
      const call = backend.call(method as "count", []);
      assertMatch((await assertRejects(() => call, TypeError)).message, new RegExp(method));
    }
    await assertUsable(backend);
  });

  test("rejects arguments that are no array, and never throws", async (backend) => {
    const call = backend.call("count", "none" as unknown as []);
    await assertRejects(() => call, TypeError, "array");
    await assertUsable(backend);
  });

  test("rejects with the reason of a signal that has aborted, and runs nothing", async (backend) => {
    for (const reason of [new Error("left"), "left"]) {
      const signal = AbortSignal.abort(reason);
      for (const options of [{ signal }, { signal, fresh: true }]) {
        assertStrictEquals(await caught(backend.call("count", [], options)), reason);
        assertStrictEquals(await caught(backend.call("add", [1, 1], options)), reason);
      }
    }
    assertEquals(await backend.call("count", []), 1);
  });

  test("rejects a call under way when its signal aborts", async (backend) => {
    const controller = new AbortController();
    const call = backend.call("never", [], { signal: controller.signal });
    setTimeout(() => controller.abort("left"));
    assertEquals(await caught(call), "left");
    await assertUsable(backend);
  });

  test("rejects a call that is not done within its deadline, which the error tells", async (backend) => {
    // There is a worker, where there are any.
    await assertUsable(backend);
    const error = await caught(backend.call("never", [], { deadlineMs: 30 }));
    assertInstanceOf(error, DeadlineExceededError);
    assertEquals(error.deadlineMs, 30);
    await assertUsable(backend);
  });

  test("answers within a deadline that is ample, or Infinity", async (backend) => {
    for (const deadlineMs of [60_000, Infinity]) {
      assertEquals(await backend.call("later", ["text", 1], { deadlineMs }), "text");
    }
  });

  test("tells once where the time of a call went, before it resolves", async (backend) => {
    const { value, timings } = await timed(backend, "add", [20, 22]);
    assertEquals([value, timings.length], [42, 1]);
    const { waitMs, runMs, transferMs } = timings[0];
    for (const ms of [waitMs, runMs, transferMs]) assert(Number.isFinite(ms) && ms >= 0, `${ms}`);
  });

  test("tells no time of a call that comes to nothing", async (backend) => {
    const timings: Timing[] = [];
    const onTiming = (timing: Timing) => void timings.push(timing);
    await caught(backend.call("fail", ["own"], { onTiming }));
    await caught(backend.call("count", [], { onTiming, signal: AbortSignal.abort() }));
    assertEquals(timings, []);
  });

  test("remembers what it can find, and says so; else nothing", async (backend) => {
    const first = await timed(backend, "add", [20, 22]);
    const second = await timed(backend, "add", [20, 22]);
    const found = backend.find?.("add", [20, 22]);
    assertEquals([first.value, second.value], [42, 42]);
    if (found) {
      assertEquals(found.value, 42);
      assertEquals([first.timings[0].cache, second.timings[0].cache], ["miss", "hit"]);
      assertEquals(second.timings[0].runMs, 0);
    } else {
      assertEquals([first.timings[0].cache, second.timings[0].cache], [undefined, undefined]);
    }
  });

  test("runs each time what is not pure, and what is wanted fresh", async (backend) => {
    assertEquals(backend.find?.("count", []), undefined);
    const counts = [await backend.call("count", []), await backend.call("count", [])];
    // They may have been two workers'.
    assert(counts.includes(1) && Math.max(...counts) <= 2, `${counts}`);
    await backend.call("add", [20, 22]);
    const { timings: [{ cache }] } = await timed(backend, "add", [20, 22], { fresh: true });
    assertEquals(cache, backend.find ? "bypass" : undefined);
  });

  test("is ready until it is closed, and then rejects", async (backend) => {
    await assertUsable(backend);
    assertObjectMatch(backend.health(), { ready: true, healthy: true });
    assertEquals(backend.isBusy, false);
    assertEquals(await backend.close({ graceMs: 0 }), { abandoned: 0, wedged: 0 });
    await assertRejects(() => backend.call("add", [4, 4]), PoolClosedError);
    const { ready, healthy, reason } = backend.health();
    assertEquals([ready, healthy, typeof reason], [false, false, "string"]);
    assertEquals(await backend.close(), { abandoned: 0, wedged: 0 });
  });

  test("takes a snapshot that later calls leave alone", async (backend) => {
    const before = backend.stats();
    const copy = structuredClone(before);
    await assertUsable(backend);
    assertEquals(before, copy);
  });
}

/** What a promise is rejected with. */
function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => Promise.reject(new Error("It came to something")), (reason) => reason);
}

async function timed(
  backend: Backend<ContractApi>,
  method: "add",
  args: [number, number],
  options: BackendCallOptions = {},
) {
  const timings: Timing[] = [];
  const onTiming = (timing: Timing) => void timings.push(timing);
  const value = await backend.call(method, args, { ...options, onTiming });
  return { value, timings };
}
