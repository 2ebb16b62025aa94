import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { EventLoopLag } from "../../lib/hono/event_loop_lag.ts";
import { FakeClock } from "../pool/fake_clock.ts";
import { type Fixture, fixture, poolStats, resultOf } from "./fakes.ts";

/** The samples of a scrape, by name and labels. */
async function scrape({ get }: Fixture): Promise<Map<string, number>> {
  const response = await get("/metrics");
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split("\n").filter((line) => /^[^#]/.test(line));
  return new Map(lines.map((line) => {
    const space = line.lastIndexOf(" ");
    return [line.slice(0, space), Number(line.slice(space + 1))];
  }));
}

Deno.test("GET /metrics counts requests by route, never by path", async () => {
  const self = fixture();
  for (const path of ["/1", "/2", "/abc", "/def", "/60?algorithm=naive"]) await self.get(path);
  await self.get("/3", {}, { method: "BREW" });
  const samples = await scrape(self);
  const count = (method: string, route: string, status: number) =>
    samples.get(`http_requests_total{method="${method}",route="${route}",status="${status}"}`);
  assertEquals(count("GET", "/:n{[0-9]+}", 200), 2);
  assertEquals(count("GET", "/:n{[0-9]+}", 422), 1);
  assertEquals(count("GET", "none", 404), 2);
  assertEquals(count("other", "none", 405), 1);
  assertEquals(samples.get(`http_request_duration_seconds_count{route="/:n{[0-9]+}"}`), 3);
  assertNotMatch([...samples.keys()].join(), /abc|BREW|naive/);
});

Deno.test("GET /metrics counts the times of what was computed, not of what was cached", async () => {
  const parts = [
    { cache: "miss" },
    { cache: "hit" },
    { cache: "shared" },
    { cache: "bypass" },
    { cache: "off" },
  ] as const;
  let call = 0;
  const self = fixture({
    compute: ({ n }) =>
      Promise.resolve(resultOf(n, { ...parts[call++], queueMs: 250, computeMs: 1500 })),
  });
  for (const _ of parts) await self.get("/5?algorithm=naive");
  const samples = await scrape(self);
  assertEquals(samples.get(`fib_compute_seconds_count{algorithm="naive"}`), 3);
  assertEquals(samples.get(`fib_compute_seconds_sum{algorithm="naive"}`), 4.5);
  assertEquals(samples.get("fib_queue_wait_seconds_sum"), 0.75);
});

Deno.test("GET /metrics mirrors one snapshot of the stats", async () => {
  let snapshots = 0;
  const timesOf = (sum: number) => ({ bounds: [500, Infinity], counts: [2, 1], count: 3, sum });
  const pool = poolStats(["idle", "busy", "busy"], {
    queue: { length: 4, long: 3, max: 8, predictedWaitMs: 1500 },
    waitMs: timesOf(1_000),
    runMs: timesOf(2_000),
    transferMs: timesOf(3_000),
  });
  const totals = { ...pool.totals, refused: 5, crashed: 2, expired: 1, restarts: 3, wedged: 1 };
  const cache = {
    entries: 2,
    bytes: 10,
    maxBytes: 100,
    hits: 7,
    misses: 6,
    shared: 5,
    bypassed: 4,
  };
  const self = fixture({
    stats: () => {
      snapshots++;
      return { pool: { ...pool, totals }, cache };
    },
  });
  for (const scrapes of [1, 2]) {
    const samples = await scrape(self);
    assertEquals(snapshots, scrapes);
    for (
      const [name, value] of Object.entries({
        'fib_pool_slots{state="idle"}': 1,
        'fib_pool_slots{state="busy"}': 2,
        'fib_pool_slots{state="wedged"}': 0,
        'fib_pool_calls_total{outcome="refused"}': 5,
        'fib_pool_calls_total{outcome="crashed"}': 2,
        'fib_pool_calls_total{outcome="expired"}': 1,
        'fib_pool_wait_seconds_bucket{le="0.5"}': 2,
        'fib_pool_wait_seconds_bucket{le="+Inf"}': 3,
        "fib_pool_wait_seconds_sum": 1,
        "fib_pool_run_seconds_sum": 2,
        "fib_pool_run_seconds_count": 3,
        "fib_pool_transfer_seconds_sum": 3,
        "fib_pool_restarts_total": 3,
        "fib_pool_wedged_threads": 1,
        "fib_queue_length": 4,
        "fib_queue_predicted_wait_seconds": 1.5,
        'fib_cache_calls_total{result="hit"}': 7,
        'fib_cache_calls_total{result="miss"}': 6,
        'fib_cache_calls_total{result="shared"}': 5,
        'fib_cache_calls_total{result="bypass"}': 4,
        "fib_cache_bytes": 10,
        "fib_cache_entries": 2,
      })
    ) assertEquals([name, samples.get(name)], [name, value]);
  }
});

Deno.test("GET /metrics tells the event loop's lag", async () => {
  const clock = new FakeClock();
  const eventLoopLag = new EventLoopLag(clock);
  eventLoopLag.start();
  for (const ms of [100, 350]) clock.pass(ms);
  const samples = await scrape(fixture({ eventLoopLag }));
  assertEquals(samples.get(`fib_event_loop_lag_seconds{stat="max"}`), 0.25);
  assertEquals(samples.get(`fib_event_loop_lag_seconds{stat="mean"}`), 0.125);
});

Deno.test("apps don't share their metrics", async () => {
  const [one, other] = [fixture(), fixture()];
  await one.get("/5");
  const samples = await scrape(other);
  assert(![...samples.keys()].some((name) => name.startsWith("http_requests_total")));
});
