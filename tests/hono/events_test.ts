import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { fixture, poolStats } from "../http/fakes.ts";
import { Client, names, parse, type Received, turn } from "./event_client.ts";

Deno.test("GET /events sends stats and history at once, and stats once a second", async () => {
  const self = fixture();
  self.stats = { pool: poolStats(["busy"]), cache: null };
  const response = await self.get("/events");
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();

  const first = (await reader.read()).value!;
  assertMatch(
    first,
    /^retry: \d+\nevent: stats\ndata: \{.*\}\n\nevent: activity\ndata: \{.*\}\n\n$/,
  );
  const [stats, activity] = parse(first);
  assertEquals(stats.data.pool.slots[0].state, "busy");
  assertEquals(stats.data.eventLoopLag.lastSecond, { maxMs: 0, meanMs: 0 });
  assertEquals(activity.data, {
    now: 0,
    waiting: 0,
    waitingLong: 0,
    states: ["busy"],
    running: [],
    spans: [],
    marks: [],
  });

  // Nothing changes meanwhile.
  const second = reader.read();
  for (let i = 0; i < 4; i++) self.clock.pass(250);
  const [again, ...others] = parse((await second).value!);
  assertEquals([again.event, again.data.now, others], ["stats", 1000, []]);
  await reader.cancel();
});

Deno.test("GET /events sends activity within a quarter of a second", async () => {
  const self = fixture();
  self.stats = { pool: poolStats(["idle"]), cache: null };
  const run = (startedAt: number) =>
    self.observer.onRun!({
      slot: 0,
      id: 1,
      method: "fibonacci",
      tag: { n: 30, algorithm: "naive" },
      startedAt,
      runMs: 12.345678,
      end: "done",
    });
  run(1000.123456);
  const client = new Client((await self.get("/events")).body!).read();
  await turn();
  const seqs = ({ data }: Received) => data.spans.map(({ seq }: { seq: number }) => seq);
  assertEquals(seqs(client.received[0][1]), [1]);

  run(2000);
  // It has been there while the other was told, and is not told it again.
  const late = new Client((await self.get("/events")).body!).read();
  self.clock.pass(250);
  await turn();
  assertEquals(client.received[1].map(seqs), [[2]]);
  assertEquals(late.received.map((events) => seqs(events.at(-1)!)), [[1], [2]]);

  self.clock.pass(250);
  await turn();
  assertEquals(client.received.length, 2);
  await Promise.all([client.leave(), late.leave()]);
});

Deno.test("GET /events tells spans to a microsecond, and all else as it is", async () => {
  const bounds = [1 / 64, 1 / 32, 0.125, 2, Infinity];
  const histogram = { bounds, counts: [0, 0, 1, 0, 0], count: 1, sum: 0.1 };
  const self = fixture();
  self.stats = { pool: poolStats(["idle"], { waitMs: histogram }), cache: null };
  self.observer.onRun!({
    slot: 0,
    id: 1,
    method: "fibonacci",
    tag: undefined,
    startedAt: 123456.789123,
    runMs: 0.00123456789,
    end: "done",
  });
  self.clock.pass(0.123456789);
  const client = new Client((await self.get("/events")).body!).read();
  await turn();
  const [stats, { data: { spans: [span] } }] = client.received[0];
  assertEquals(stats.data.now, 0.123456789);
  assertEquals([span.startMs, span.endMs, span.busyMs], [123456.789, 123456.79, 0.001]);
  const { waitMs } = stats.data.pool;
  assertEquals(waitMs, { ...histogram, bounds: [...bounds.slice(0, -1), null] });
  await client.leave();
});

Deno.test("GET /events sends no activity where there are no workers", async () => {
  const self = fixture();
  const client = new Client((await self.get("/events")).body!).read();
  for (let i = 0; i < 8; i++) {
    self.observer.onEvent!({ type: "ready", slot: 0 });
    self.clock.pass(250);
    await turn();
  }
  assertEquals(client.received.map(names), [["stats"], ["stats"], ["stats"]]);
  await client.leave();
});

Deno.test("GET /events counts the answers of /n by status, as /metrics does", async () => {
  const self = fixture();
  for (const path of ["/1", "/2", "/60?algorithm=naive", "/abc", "/healthz", "/sequence"]) {
    await (await self.get(path)).body?.cancel();
  }
  await self.get("/3", {}, { method: "HEAD" });
  const client = new Client((await self.get("/events")).body!).read();
  await turn();
  const { answers } = client.received[0][0].data;
  assertEquals(answers, { 200: 3, 422: 1 });
  const metrics = await (await self.get("/metrics")).text();
  const counts = metrics.matchAll(
    /^http_requests_total\{method="\w+",route="\/:n[^"]*",status="(\d+)"\} (\d+)$/gm,
  );
  const scraped: Record<string, number> = {};
  for (const [, status, count] of counts) scraped[status] = (scraped[status] ?? 0) + Number(count);
  assertEquals(answers, scraped);
  await client.leave();
});

Deno.test("GET /events names another instance for each app, and always the same", async () => {
  const instanceOf = async ({ get }: ReturnType<typeof fixture>) => {
    const client = new Client((await get("/events")).body!).read();
    await turn();
    await client.leave();
    return client.received[0][0].data.instance;
  };
  const [one, other] = [fixture(), fixture()];
  assertEquals(await instanceOf(one), await instanceOf(one));
  assertNotEquals(await instanceOf(one), await instanceOf(other));
});

Deno.test("GET /events runs one ticker, while there is a stream", async () => {
  const { get, clock } = fixture();
  assertEquals(clock.tickers, 0);
  const [first, second] = [await get("/events"), await get("/events")];
  assertEquals(clock.tickers, 1);
  await first.body!.cancel();
  assertEquals(clock.tickers, 1);
  await second.body!.cancel();
  assertEquals(clock.tickers, 0);
  await (await get("/events")).body!.cancel();
  assertEquals(clock.tickers, 0);
});

Deno.test("GET /events ends with drain()", async () => {
  const { app, get, clock } = fixture();
  const streams = [await get("/events"), await get("/events")];
  app.drain();
  for (const stream of streams) assertStringIncludes(await stream.text(), "event: stats");
  assertEquals(clock.tickers, 0);
});

Deno.test("HEAD /events opens no stream", async () => {
  const { get, clock } = fixture();
  const response = await get("/events", {}, { method: "HEAD" });
  assertEquals([response.status, await response.text()], [200, ""]);
  assertEquals(clock.tickers, 0);
});
