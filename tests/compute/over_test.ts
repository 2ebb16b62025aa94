import { assertEquals, assertInstanceOf, assertLess, assertStrictEquals } from "@std/assert";
import {
  type ComputeOptions,
  DeadlineExceededError,
  type FibonacciApi,
  type FibonacciJob,
  type FibonacciResult,
  over,
  OverloadedError,
  WorkerCrashedError,
} from "../../lib/compute/mod.ts";
import { REFERENCE_SPEED } from "../../lib/fibonacci/mod.ts";
import { WorkerPool } from "../../lib/pool/mod.ts";
import { FakeClock } from "../pool/fake_clock.ts";
import { FakeWorker } from "../pool/fake_worker.ts";
import { turn } from "../pool/held_backend.ts";
import { HeldCompute } from "./fakes.ts";

/** One worker, whose jobs run until the test ends them, and are estimated to take `n` milliseconds. */
class Fixture implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly running = new HeldCompute();
  readonly workers: FakeWorker[] = [];
  /** What the estimator was told. */
  readonly learned: { n: number; runMs: number }[] = [];
  readonly #pool = new WorkerPool<FibonacciApi>({
    size: 1,
    clock: this.clock,
    spawn: () => {
      const worker = new FakeWorker({
        fibonacci: async (...[n, algorithm]: Parameters<FibonacciApi["fibonacci"]>) =>
          (await this.running.compute({ n, algorithm })).digits,
      });
      this.workers.push(worker);
      return worker;
    },
  });
  readonly #compute = over(
    this.#pool,
    Object.assign(({ n }: FibonacciJob) => n, {
      speed: REFERENCE_SPEED,
      learn: ({ n }: FibonacciJob, runMs: number) => void this.learned.push({ n, runMs }),
      overran() {},
    }),
  );

  /** @returns What the call came to. */
  async call(n: number, options?: ComputeOptions): Promise<FibonacciResult | Error> {
    try {
      return await this.#compute({ n, algorithm: "iterative" }, options);
    } catch (error) {
      return error as Error;
    }
  }

  /** Lets time pass until a job has been started for the `count`th time. */
  async started(count: number): Promise<void> {
    for (let ms = 0; this.running.calls.length < count; ms++) {
      assertLess(ms, 5_000, `There was no start ${count}`);
      await turn();
      this.clock.advance(1);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const call of this.running.calls) call.answer();
    const closed = this.#pool.close({ graceMs: 0 });
    this.clock.advance(0);
    await closed;
  }
}

/** @returns What a call has come to by now: it must not take any more time. */
async function outcomeOf<T>(call: Promise<T>): Promise<T | "pending"> {
  await turn();
  return await Promise.race([call, "pending" as const]);
}

Deno.test("over() tells how long a job waited and ran", async () => {
  await using pool = new Fixture();
  const first = pool.call(50);
  await pool.started(1);
  const second = pool.call(50);
  // Far more than the machine may need to run it, which is told in real milliseconds.
  pool.clock.advance(1e6);
  pool.running.calls[0].answer();
  (await pool.running.call(1)).answer();
  const { queueMs, computeMs } = await second as FibonacciResult;
  assertEquals(queueMs, 1e6);
  assertLess(computeMs, queueMs);
  assertInstanceOf((await first as FibonacciResult).digits, Uint8Array);
  assertEquals(pool.learned.at(-1), { n: 50, runMs: computeMs });
});

Deno.test("over() ends a running job when its signal aborts", async () => {
  await using pool = new Fixture();
  const controller = new AbortController();
  const call = pool.call(50, { signal: controller.signal });
  await pool.started(1);
  const reason = new Error("left");
  controller.abort(reason);
  assertStrictEquals(await outcomeOf(call), reason);
});

Deno.test("over() ends a running job at its deadline", async () => {
  await using pool = new Fixture();
  const call = pool.call(50, { deadlineMs: 100 });
  await pool.started(1);
  pool.clock.advance(99 - pool.clock.now());
  assertEquals(await outcomeOf(call), "pending");
  pool.clock.advance(1);
  const error = await outcomeOf(call);
  assertInstanceOf(error, DeadlineExceededError);
  assertEquals(error.deadlineMs, 100);
});

Deno.test("over() lets no job wait so long that it could not be done in time", async () => {
  await using pool = new Fixture();
  pool.call(50);
  await pool.started(1);
  const call = pool.call(50, { deadlineMs: 100 });
  pool.clock.advance(51);
  assertInstanceOf(await outcomeOf(call), OverloadedError);
});

Deno.test("over() refuses at once what would wait beyond its deadline, by the estimates", async () => {
  await using pool = new Fixture();
  pool.call(500);
  await pool.started(1);
  const call = pool.call(50, { deadlineMs: 100 });
  assertInstanceOf(await outcomeOf(call), OverloadedError);
});

Deno.test("over() tries a job once more when its worker dies, and not again", async () => {
  await using pool = new Fixture();
  const call = pool.call(50);
  for (const tries of [1, 2]) {
    await pool.started(tries);
    pool.workers[tries - 1].die();
  }
  assertInstanceOf(await call, WorkerCrashedError);
  assertEquals(pool.running.calls.length, 2);
});
