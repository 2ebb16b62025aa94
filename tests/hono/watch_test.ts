import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { ServiceStats } from "../../lib/hono/mod.ts";
import { Timeline } from "../../lib/hono/timeline.ts";
import type { PoolStats } from "../../lib/pool/mod.ts";
import { EventLoopLag } from "../../lib/hono/event_loop_lag.ts";
import { Watch } from "../../lib/hono/watch.ts";
import { poolStats } from "../http/fakes.ts";
import { FakeClock } from "../pool/fake_clock.ts";

/** A watch over a timeline that the test writes to, and a pool that it makes up. */
function fixture(pool: PoolStats | null = poolStats(["idle", "idle"])) {
  const timeline = new Timeline();
  const self = {
    stats: { pool, cache: null } as ServiceStats,
    timeline,
    /** Records a run too long to share a span. */
    run: (startedAt: number) =>
      timeline.record({
        slot: 0,
        id: 1,
        method: "fibonacci",
        tag: { n: 30, algorithm: "naive" },
        startedAt,
        runMs: 20,
        end: "done",
      }),
    watch: new Watch({
      stats: (): ServiceStats => self.stats,
      timeline,
      answers: () => ({ 200: 3, 422: 1 }),
      eventLoopLag: new EventLoopLag(new FakeClock()),
    }),
  };
  return self;
}

/** The first slot is on a call. */
function busyWith(tag: unknown, runningMs = 0): PoolStats {
  const pool = poolStats(["busy", "idle"]);
  const [busy, idle] = pool.slots;
  return { ...pool, slots: [{ ...busy, job: { id: 1, method: "f", tag, runningMs } }, idle] };
}

const seqs = (event?: { spans: readonly { seq: number }[] }) => event?.spans.map(({ seq }) => seq);

Deno.test("Watch.stats() tells all there is to see, and when", () => {
  const { watch, stats } = fixture();
  const { instance, ...event } = watch.stats(1234);
  const none = { maxMs: 0, meanMs: 0 };
  assertEquals(event, {
    now: 1234,
    ...stats,
    answers: { 200: 3, 422: 1 },
    eventLoopLag: { lastSecond: none, lastMinute: none },
  });
  assertEquals(watch.stats(1235).instance, instance);
  assertNotEquals(fixture().watch.stats(0).instance, instance);
});

Deno.test("Watch.stats() tells tags as people read them: whatever they are, it is JSON", () => {
  const circular: { self?: unknown; n: bigint } = { n: 7n };
  circular.self = circular;
  const { pool } = fixture(busyWith(circular)).watch.stats(1);
  assertEquals(JSON.parse(JSON.stringify(pool!.slots[0].job)).tag, "7");
});

Deno.test("Watch.activity() tells what has changed, once", () => {
  const self = fixture();
  const { watch } = self;
  assertEquals(watch.activity(1), {
    now: 1,
    waiting: 0,
    waitingLong: 0,
    states: ["idle", "idle"],
    running: [],
    spans: [],
    marks: [],
  });
  assertEquals(watch.activity(2), undefined);

  self.run(100);
  assertEquals([seqs(watch.activity(3)), watch.activity(4)], [[1], undefined]);
  self.timeline.note({ type: "ready", slot: 1 }, 5);
  const { spans, marks } = watch.activity(5)!;
  assertEquals([spans, marks], [[], [{ seq: 2, slot: 1, atMs: 5, type: "ready" }]]);
  assertEquals(watch.activity(6), undefined);
});

Deno.test.each<[what: string, pool: PoolStats]>([
  ["a state", poolStats(["idle", "restarting"])],
  ["how many wait", poolStats(["idle", "idle"], { queue: { ...poolStats([]).queue, length: 1 } })],
  ["what a worker is on", busyWith({ n: 50, algorithm: "naive" })],
])("Watch.activity() tells when %s has changed", (_, pool) => {
  const self = fixture();
  self.watch.activity(1);
  self.stats = { pool, cache: null };
  assert(self.watch.activity(2));
  assertEquals(self.watch.activity(3), undefined);
});

Deno.test("Watch.activity() tells for how long a call has been running, but not again for that", () => {
  const self = fixture(busyWith({ n: 50, algorithm: "naive", encoding: undefined }, 7));
  const { running } = self.watch.activity(1)!;
  assertEquals(running, [{ slot: 0, method: "f", tag: "50 naive", runningMs: 7 }]);
  self.stats = { pool: busyWith({ n: 50, algorithm: "naive" }, 257), cache: null };
  assertEquals(self.watch.activity(2), undefined);
});

Deno.test("Watch.activity() knows no tag of the pool's own calls", () => {
  const { running } = fixture(busyWith(undefined)).watch.activity(1)!;
  assertEquals(running, [{ slot: 0, method: "f", tag: null, runningMs: 0 }]);
});

Deno.test("Watch.history() is what has been told, so that what comes next is new", () => {
  const self = fixture();
  const { watch } = self;
  self.run(100);
  self.run(200);
  assertEquals(seqs(watch.history(1)), []);
  assertEquals(seqs(watch.activity(2)), [1, 2]);
  self.run(300);
  self.timeline.note({ type: "ready", slot: 1 }, 5);
  const { spans, marks, states } = watch.history(3)!;
  assertEquals([spans.map(({ seq }) => seq), marks, states], [[1, 2], [], ["idle", "idle"]]);
  assertEquals(seqs(watch.activity(4)), [3]);
  assertEquals(seqs(watch.history(5)), [1, 2, 3]);
  assertEquals(watch.history(5)!.marks.length, 1);
});

Deno.test("Watch.history() goes back for as long as the page shows, and some", () => {
  const self = fixture();
  self.run(1000);
  self.run(6000);
  self.watch.activity(7000);
  assertEquals(seqs(self.watch.history(7000)), [1, 2]);
  assertEquals(seqs(self.watch.history(20_000)), [2]);
});

Deno.test("Watch.history() leaves a span open that has not been told", () => {
  const self = fixture();
  const short = (startedAt: number) =>
    self.timeline.record({
      slot: 0,
      id: 1,
      method: "f",
      tag: null,
      startedAt,
      runMs: 1,
      end: "done",
    });
  short(0);
  self.watch.history(1);
  short(1);
  assertEquals(self.watch.activity(2)!.spans.map(({ runs }) => runs), [2]);
});

Deno.test("Watch tells nothing of workers where there are none", () => {
  const { watch, run } = fixture(null);
  run(100);
  assertEquals([watch.activity(1), watch.history(2)], [undefined, undefined]);
  assertEquals(watch.stats(3).pool, null);
});
