import { assertEquals } from "@std/assert";
import type { PoolStats, SlotState } from "../../lib/pool/mod.ts";
import { fixture, poolStats, problemOf } from "./fakes.ts";

Deno.test.each(["/healthz", "/readyz"])(
  "GET %s answers 200 where there is no pool",
  async (path) => {
    const response = await fixture().get(path);
    assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
    assertEquals(typeof (await response.json()).status, "string");
  },
);

Deno.test.each<[PoolStats["state"], number, number]>([
  ["open", 200, 200],
  ["failing", 503, 503],
  ["closing", 200, 503],
  ["closed", 503, 503],
])("a pool that is %s: /healthz answers %d, /readyz %d", async (state, health, ready) => {
  const self = fixture();
  self.stats = { pool: poolStats(["idle"], { state }), cache: null };
  assertEquals((await self.get("/healthz")).status, health);
  assertEquals((await self.get("/readyz")).status, ready);
});

Deno.test.each<[SlotState[], number]>([
  [["idle", "failed"], 200],
  [["busy", "busy"], 200],
  [["cancelling", "starting"], 200],
  [["starting", "restarting"], 503],
  [["failed", "wedged", "closed"], 503],
])("slots that are %s: /readyz answers %d", async (states, status) => {
  const self = fixture();
  self.stats = { pool: poolStats(states), cache: null };
  const response = await self.get("/readyz");
  assertEquals(response.status, status);
  if (status === 503) assertEquals((await problemOf(response)).code, "not-ready");
});

Deno.test("drain() with a delay fails /readyz at once, and takes work until then", async () => {
  const { app, get } = fixture();
  app.drain(60_000);
  const response = await get("/readyz");
  assertEquals([response.status, (await problemOf(response)).code], [503, "draining"]);
  for (const path of ["/33", "/healthz"]) {
    const { status, headers } = await get(path);
    assertEquals([status, headers.get("connection")], [200, "close"], path);
  }
  await app.drain(0);
  assertEquals((await get("/33")).status, 503);
});
