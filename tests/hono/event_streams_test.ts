import { assertEquals } from "@std/assert";
import { names, streams, turn } from "./event_client.ts";

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
