import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fixture, poolStats } from "./fakes.ts";

function textReader(response: Response) {
  return response.body!.pipeThrough(new TextDecoderStream()).getReader();
}

Deno.test("GET /events sends the stats at once and once a second", async () => {
  const self = fixture();
  self.stats = { pool: poolStats(["busy"]), cache: null };
  const response = await self.get("/events");
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const reader = textReader(response);

  const first = (await reader.read()).value!;
  assertMatch(first, /^retry: \d+\nevent: stats\ndata: \{.*\}\n\n$/);
  const data = JSON.parse(first.split("data: ")[1]);
  assertEquals(data.pool.slots[0].state, "busy");
  assertEquals(data.eventLoopLag, { maxMs: 0, meanMs: 0 });

  const second = reader.read();
  self.stats = { pool: poolStats(["idle"]), cache: null };
  self.clock.pass(1000);
  const { value } = await second;
  assertMatch(value!, /^event: stats\n/);
  assertStringIncludes(value!, `"idle"`);
  await reader.cancel();
});

Deno.test("GET /events skips what a client does not read in time", async () => {
  let taken = 0;
  const { app, get, clock } = fixture({
    stats: () => {
      taken++;
      return { pool: null, cache: null };
    },
  });
  const response = await get("/events");
  for (let i = 0; i < 1000; i++) clock.pass(1000);
  assertEquals(taken, 1001);
  app.drain();
  assertEquals((await response.text()).match(/event: stats/g)!.length, 1);
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
