import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { Timeline } from "../../lib/hono/mod.ts";
import type { FibonacciTag } from "../../lib/http/mod.ts";
import { type EventSource, EventStreams } from "../../lib/hono/events.ts";
import { fixture, poolStats } from "../http/fakes.ts";
import { FakeClock } from "../pool/fake_clock.ts";

/** What an event stream was sent, as its client reads it. */
interface Received {
  readonly event: string;
  // deno-lint-ignore no-explicit-any -- whatever a test expects in it
  readonly data: any;
}

const decoder = new TextDecoder();

function parse(text: string): Received[] {
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event, data]) => ({
    event,
    data: JSON.parse(data),
  }));
}

/** Reads a stream as its events come. */
class Client {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What came in each piece. */
  readonly received: Received[][] = [];
  /** How it ended; `undefined` while it has not. */
  end: unknown;
  #reading = Promise.resolve();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Reads from now on. */
  read(): this {
    this.#reading = (async () => {
      try {
        for (let next; !(next = await this.#reader.read()).done;) {
          this.received.push(parse(decoder.decode(next.value)));
        }
        this.end = "end";
      } catch (error) {
        this.end = error;
      }
    })();
    return this;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }

  /** Resolves at the stream's end, however it came. */
  get ended(): Promise<void> {
    return this.#reading;
  }
}

/** Lets everything that is due happen: what was sent is read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Streams whose source the test makes up: each tick has news, until it is quiet. */
function streams() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const self = {
    clock,
    /** What the source was asked for. */
    asked,
    isQuiet: false,
    streams: undefined as unknown as EventStreams,
    connect: () => new Client(self.streams.open()),
    /** Lets the time pass until there may be news. */
    async tick(ms = 250) {
      clock.pass(ms);
      await turn();
    },
  };
  const source: EventSource = {
    stats: (now) => (asked.push("stats"), { now }),
    activity: (now) => (asked.push("activity"), self.isQuiet ? undefined : { now }),
    history: (now) => (asked.push("history"), { now }),
  };
  self.streams = new EventStreams(source, clock);
  return self;
}

const names = (events: Received[]) => events.map(({ event }) => event);

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
  const timeline = new Timeline<FibonacciTag>(["n", "algorithm"]);
  const self = fixture({ timeline });
  self.stats = { pool: poolStats(["idle"]), cache: null };
  const run = (startedAt: number) =>
    timeline.record({
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
  const timeline = new Timeline<FibonacciTag>(["n", "algorithm"]);
  const bounds = [1 / 64, 1 / 32, 0.125, 2, Infinity];
  const histogram = { bounds, counts: [0, 0, 1, 0, 0], count: 1, sum: 0.1 };
  const self = fixture({ timeline });
  self.stats = { pool: poolStats(["idle"], { waitMs: histogram }), cache: null };
  timeline.record({
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
  const timeline = new Timeline<FibonacciTag>(["n", "algorithm"]);
  const self = fixture({ timeline });
  const client = new Client((await self.get("/events")).body!).read();
  for (let i = 0; i < 8; i++) {
    timeline.note({ type: "ready", slot: 0 }, i);
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

Deno.test("EventStreams asks once for all streams, and stats every fourth time", async () => {
  const self = streams();
  const clients = Array.from({ length: 5 }, () => self.connect().read());
  self.asked.length = 0;
  for (let i = 0; i < 8; i++) await self.tick();
  const once = ["activity", "activity", "activity", "activity", "stats"];
  assertEquals(self.asked, [...once, ...once]);
  for (const { received } of clients) {
    const [first, ...later] = received;
    assertEquals(names(first), ["stats", "activity"]);
    const second = [["activity"], ["activity"], ["activity"], ["activity", "stats"]];
    assertEquals(later.map(names), [...second, ...second]);
  }
  self.streams.end();
});

Deno.test("EventStreams takes what has happened while nobody watched for history", async () => {
  const self = streams();
  const first = self.connect();
  assertEquals(self.asked, ["activity", "stats", "history"]);
  // Others are yet to be told what has happened since.
  const second = self.connect();
  assertEquals(self.asked.slice(3), ["stats", "history"]);
  await Promise.all([first.leave(), second.leave()]);
  self.connect();
  assertEquals(self.asked.slice(5), ["activity", "stats", "history"]);
  self.streams.end();
});

Deno.test("EventStreams sends nothing where there is no news", async () => {
  const self = streams();
  const client = self.connect().read();
  self.isQuiet = true;
  for (let i = 0; i < 4; i++) await self.tick();
  assertEquals(client.received.map(names), [["stats", "activity"], ["stats"]]);
  self.streams.end();
});

/** Twenty readers, who have had their first event. */
async function twenty() {
  const self = streams();
  const clients = Array.from({ length: 20 }, () => self.connect().read());
  await turn();
  return {
    ...self,
    clients,
    /** How many events each has been sent after its first. */
    counts: () => clients.map(({ received }) => received.length - 1),
  };
}

/** A list of so many ones, and so many zeros after them. */
const ones = (count: number, zeros: number) => [...Array(count).fill(1), ...Array(zeros).fill(0)];

Deno.test("EventStreams sends to eight streams at a time, every 10 ms", async () => {
  const { clock, tick, counts, clients, streams } = await twenty();
  await tick();
  assertEquals([counts(), clock.tickers], [ones(8, 12), 2]);
  await tick(9);
  assertEquals(counts(), ones(8, 12));
  await tick(1);
  assertEquals(counts(), ones(16, 4));
  await tick(10);
  assertEquals([counts(), clock.tickers], [ones(20, 0), 1]);
  // All of the moment of the tick.
  for (const { received } of clients) assertEquals(received[1][0].data.now, 250);
  streams.end();
});

Deno.test("EventStreams is through with a thousand streams before there may be news again", async () => {
  const self = streams();
  const clients = Array.from({ length: 1000 }, () => self.connect().read());
  await turn();
  await self.tick();
  for (let i = 0; i < 19; i++) await self.tick(10);
  assertEquals(clients.filter(({ received }) => received.length === 2).length, 1000);
  assertEquals(self.clock.tickers, 1);
  self.streams.end();
});

Deno.test("EventStreams sends no event to a stream that was opened after it", async () => {
  const { tick, connect, streams } = await twenty();
  await tick();
  const late = connect().read();
  for (let i = 0; i < 5; i++) await tick(10);
  assertEquals(late.received.length, 1);
  await tick(200);
  for (let i = 0; i < 5; i++) await tick(10);
  assertEquals(late.received.length, 2);
  streams.end();
});

Deno.test("EventStreams leaves streams alone that ended before it came to them", async () => {
  const { clock, tick, counts, clients, streams } = await twenty();
  await tick();
  await Promise.all(clients.slice(10).map((client) => client.leave()));
  await tick(10);
  assertEquals(counts(), [...ones(10, 10)]);
  await tick(10);
  assertEquals(clock.tickers, 1);
  streams.end();
});

Deno.test("EventStreams ends all streams in the middle of an event, and no ticker is left", async () => {
  for (const how of ["end", "leave"]) {
    const { clock, tick, counts, clients, streams } = await twenty();
    await tick();
    assertEquals(clock.tickers, 2);
    if (how === "end") streams.end();
    else await Promise.all(clients.map((client) => client.leave()));
    assertEquals(clock.tickers, 0);
    await tick(10);
    assertEquals(counts(), ones(8, 12));
    await Promise.all(clients.map(({ ended }) => ended));
  }
});

Deno.test("EventStreams sends an event to all, even if it is late for the next", async () => {
  const { clock, tick, counts, streams } = await twenty();
  await tick();
  // As when the event loop was busy: the ticker's turn comes before the batches'.
  clock.pass(250);
  await turn();
  assertEquals(counts(), [...Array(8).fill(2), ...Array(12).fill(1)]);
  await tick(10);
  await tick(10);
  assertEquals([counts(), clock.tickers], [Array(20).fill(2), 1]);
  streams.end();
});

Deno.test("EventStreams piles up nothing for a stream that is not read", async () => {
  const self = streams();
  const client = self.connect();
  for (let i = 0; i < 20; i++) await self.tick();
  client.read();
  await turn();
  assertEquals(client.received.map(names), [["stats", "activity"]]);
  await self.tick();
  assertEquals(client.received[1][0].data.now, 21 * 250);
  self.streams.end();
});

Deno.test("EventStreams drops a stream that is not read for ten seconds", async () => {
  const self = streams();
  const [gone, reader] = [self.connect(), self.connect().read()];
  // The first event that it could not be sent, and ten seconds from there.
  for (let i = 0; i < 40; i++) await self.tick();
  assertEquals(self.clock.tickers, 1);
  await self.tick();
  await gone.read().ended;
  assertEquals(gone.end, "event stream cut");
  assertEquals(gone.received, []);

  // The other goes on, and when it is gone as well there is nothing left to do.
  assertEquals([reader.received.length, reader.end, self.clock.tickers], [42, undefined, 1]);
  await reader.leave();
  assertEquals(self.clock.tickers, 0);
});

Deno.test("EventStreams stops its ticker with the last stream that it drops", async () => {
  const self = streams();
  for (let i = 0; i < 20; i++) self.connect();
  await self.tick();
  for (let i = 0; i < 39; i++) {
    for (const ms of [10, 10, 230]) await self.tick(ms);
  }
  for (const ms of [10, 10]) await self.tick(ms);
  assertEquals(self.clock.tickers, 1);
  // Eight of them are dropped at once, and then those that come behind.
  for (const [ms, tickers] of [[230, 2], [10, 2], [10, 0]]) {
    await self.tick(ms);
    assertEquals(self.clock.tickers, tickers);
  }
});

Deno.test("EventStreams forgives whoever reads again", async () => {
  const self = streams();
  const client = self.connect();
  for (let i = 0; i < 40; i++) await self.tick();
  const reader = client.read();
  await self.tick();
  assertEquals(reader.received.length, 2);
  for (let i = 0; i < 100; i++) await self.tick();
  assertEquals([reader.received.length, reader.end], [102, undefined]);
  self.streams.end();
});
