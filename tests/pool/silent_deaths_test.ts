/** Real workers that end without a word, where there are no Web Locks. */

import { assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type Clock,
  WorkerCrashedError,
  WorkerPool,
  type WorkerPoolOptions,
} from "../../lib/pool/mod.ts";
import type { MisbehavingApi } from "../fixtures/misbehaving.ts";
import { testWith } from "../permissions.ts";

const readsFixtures = { name: "read", path: new URL("../../", import.meta.url) } as const;

const FIXTURE = new URL("../fixtures/misbehaving_without_locks.ts", import.meta.url);

/** One worker without locks. */
function poolWithoutLocks(
  options: Partial<WorkerPoolOptions<MisbehavingApi>> = {},
): WorkerPool<MisbehavingApi> {
  return new WorkerPool<MisbehavingApi>({
    spawn: () => new Worker(FIXTURE, { type: "module", deno: { permissions: "none" } }),
    size: 1,
    ...options,
  });
}

/** A clock on which a second takes a millisecond. */
const fast: Clock = {
  now: () => 1_000 * performance.now(),
  after(ms, callback) {
    const timer = setTimeout(() => callback(), ms / 1_000);
    return () => clearTimeout(timer);
  },
};

const deaths: readonly [keyof MisbehavingApi, unknown[]][] = [
  ["closeSelf", []],
  ["exit", []],
  // It is asked more than once whether it lives, and can't answer a message.
  ["exitAfter", [2_500]],
];

for (const [method, args] of deaths) {
  testWith(
    [readsFixtures],
    `without locks a worker that dies by ${method}() costs its call alone, and comes back`,
    async () => {
      await using pool = poolWithoutLocks();
      const doomed = pool.call(method, args as never).catch((error) => error);
      const next = pool.call("echo", ["next"]);
      const error = await doomed;
      assertInstanceOf(error, WorkerCrashedError);
      assertStringIncludes(error.message, `Worker died while it ran ${method}()`);
      assertEquals(await next, "next");
      assertEquals(pool.stats().totals.restarts, 1);
    },
  );
}

testWith(
  [readsFixtures],
  "without locks an idle worker that dies is noticed and replaced",
  async () => {
    const crashed = Promise.withResolvers<Error>();
    await using pool = poolWithoutLocks({
      onEvent: (event) => {
        if (event.type === "crashed") crashed.resolve(event.error);
      },
    });
    await pool.call("exitLater", []);
    assertEquals((await crashed.promise).message, "Worker ended without an error");
    assertEquals(await pool.call("echo", ["next"]), "next");
  },
);

testWith(
  [readsFixtures],
  "without locks a worker that is busy for minutes is not taken for dead, and is noticed when it is",
  async () => {
    await using pool = poolWithoutLocks({ clock: fast, startTimeoutMs: 60_000_000 });
    await pool.call("busy", [400]);
    assertEquals(pool.stats().totals.restarts, 0);
    await assertRejects(() => pool.call("exitAfter", [200]), WorkerCrashedError);
    assertEquals(await pool.call("echo", ["next"]), "next");
  },
);
