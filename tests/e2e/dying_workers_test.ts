// Workers that die under load, behind a real server. A stranger can't make the service's own die, so
// this is the service put together here, with workers that do.

import { assertEquals, assertLessOrEqual } from "@std/assert";
import type { FibonacciApi } from "../../lib/compute/mod.ts";
import { createApp } from "../../lib/http/mod.ts";
import { configureLog } from "../../lib/log.ts";
import { type Backend, type PoolEvent, WorkerPool } from "../../lib/pool/mod.ts";
import type { Death, Doom } from "../fixtures/dying_fibonacci.ts";
import { testWith } from "../permissions.ts";
import { pause, within } from "./waiting.ts";

const NEEDS = [{ name: "net" }, { name: "read" }] as const;
const SIZE = 3;
/** Requests under way at a time. */
const LANES = 12;
/** Requests for each n from 0. */
const COUNT = 400;

/** What came of the load. */
interface Outcome {
  readonly deaths: number;
  readonly failed: number;
}

/** Serves, asks for every n, waits until every worker is back, and sees to it that all else was right. */
async function load(
  backendOf: (pool: WorkerPool<FibonacciApi>) => Backend<FibonacciApi>,
  deaths: readonly Death[],
): Promise<Outcome> {
  configureLog("error", () => {});
  const doom: Doom = {
    type: "doom",
    deaths: new Map(deaths.map((death, i) => [30 * (i + 1), death])),
    died: new Int32Array(new SharedArrayBuffer(4 * COUNT)),
  };

  const crashes: PoolEvent[] = [];
  await using pool = new WorkerPool<FibonacciApi>({
    spawn: () => {
      const worker = new Worker(new URL("../fixtures/dying_fibonacci.ts", import.meta.url), {
        type: "module",
        deno: { permissions: "none" },
      });
      worker.postMessage(doom);
      return worker;
    },
    size: SIZE,
    // The first one after a change has its types checked before it starts.
    startTimeoutMs: 60_000,
    onEvent: (event) => {
      if (event.type === "crashed") crashes.push(event);
    },
  });
  const app = createApp({
    backend: backendOf(pool),
    estimateMs: () => 1,
    maxN: COUNT,
    deadlineMs: 30_000,
    algorithm: "iterative",
  });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    app.fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  await pool.ready;

  const numbers = fibonacciNumbers();
  let next = 0;
  let failed = 0;
  const lanes = Array.from({ length: LANES }, async () => {
    for (let n = next++; n < COUNT; n = next++) {
      const response = await fetch(`${url}/${n}`);
      const body = await response.text();
      if (response.status === 200) assertEquals(body, String(numbers[n]));
      else {
        assertEquals([response.status, JSON.parse(body).code], [500, "internal"]);
        failed++;
      }
    }
  });
  await within(30_000, "end of the load", Promise.all(lanes));
  await untilWhole(pool, () => crashes.length === deaths.length);
  const { totals, state } = pool.stats();
  assertEquals(state, "open");
  assertEquals([totals.crashed, totals.restarts, totals.wedged], [failed, crashes.length, 0]);
  const healthy = await fetch(`${url}/readyz`);
  await healthy.body?.cancel();
  assertEquals(healthy.status, 200);
  return { deaths: crashes.length, failed };
}

/**
 * Waits until every worker is back and has nothing to do. It has to be asked: no event tells that a worker has
 * skipped what was taken back from it.
 */
async function untilWhole(pool: WorkerPool<FibonacciApi>, isOver: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (!isOver() || pool.stats().slots.some(({ state }) => state !== "idle")) {
    if (performance.now() > giveUpAt) throw new Error(JSON.stringify(pool.stats().slots));
    await pause(1);
  }
}

function fibonacciNumbers(): bigint[] {
  const numbers = [0n, 1n];
  while (numbers.length < COUNT) numbers.push(numbers.at(-2)! + numbers.at(-1)!);
  return numbers;
}

/** The pool, without the second try. */
function once(pool: WorkerPool<FibonacciApi>): Backend<FibonacciApi> {
  return {
    isBusy: false,
    // Short: a worker is sent several at a time, and only the one that kills it may be lost.
    call: (method, args, options) =>
      pool.call(method, args, { ...options, pure: false, estimateMs: 0.1 }),
    stats: () => pool.stats(),
    health: () => pool.health(),
    close: (options) => pool.close(options),
  };
}

testWith(NEEDS, "workers that die in a call cost no request, and come back", async () => {
  const deaths: Death[] = ["close", "exit", "throw", "exit", "close", "throw"];
  const outcome = await load((pool) => pool, deaths);
  assertEquals(outcome, { deaths: deaths.length, failed: 0 });
});

testWith(NEEDS, "without a second try, a death costs one request at most", async () => {
  const deaths: Death[] = ["close", "throwLater", "exit", "throw", "throwLater"];
  const outcome = await load(once, deaths);
  assertEquals(outcome.deaths, deaths.length);
  assertLessOrEqual(outcome.failed, deaths.length);
});
