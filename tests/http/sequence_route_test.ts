import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ALGORITHM_NAMES } from "../../lib/fibonacci/mod.ts";
import { OverloadedError } from "../../lib/pool/mod.ts";
import { configureLog } from "../../lib/log.ts";
import { fixture, HoldingCompute, poolStats, problemOf, resultOf } from "./fakes.ts";

configureLog("error", () => {});

Deno.test("GET /sequence answers a JSON object a line, as GET /n has it", async () => {
  const { get } = fixture();
  const response = await get("/sequence?from=31&count=3&algorithm=naive");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "application/x-ndjson");
  const lines = (await response.text()).split("\n");
  assertEquals(lines.pop(), "");
  for (const [i, line] of lines.entries()) {
    const single = await get(`/${31 + i}?algorithm=naive`, { accept: "application/json" });
    assertEquals(line, await single.text());
  }
  assertEquals(lines.length, 3);
});

Deno.test("GET /sequence begins at 0 and has 10 numbers by default", async () => {
  const lines = (await (await fixture().get("/sequence")).text()).trim().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line).n), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test.each([
  ["from=-1", "from must be an integer"],
  ["from=", "from must be an integer"],
  ["from=1e3", "from must be an integer"],
  ["count=0", "from 1 to 1000"],
  ["count=1001", "from 1 to 1000"],
  ["count=ten", "from 1 to 1000"],
  ["count=", "from 1 to 1000"],
  ["count=1&count=2", "count is given more than once"],
  ["algorithm=quick", ALGORITHM_NAMES.join(", ")],
])("GET /sequence?%s answers 400 with what is allowed", async (query, detail) => {
  const { get, jobs } = fixture();
  const response = await get(`/sequence?${query}`);
  assertEquals(response.status, 400);
  assertStringIncludes((await problemOf(response)).detail, detail);
  assertEquals(jobs, []);
});

Deno.test.each([
  ["from=1000001&count=1", "n-too-large"],
  ["from=999999&count=3", "n-too-large"],
  ["from=50&count=20&algorithm=naive", "infeasible"],
  [`from=${"9".repeat(100)}`, "n-too-large"],
])("GET /sequence?%s answers 422", async (query, code) => {
  const { get, jobs } = fixture();
  const response = await get(`/sequence?${query}`);
  assertEquals([response.status, (await problemOf(response)).code], [422, code]);
  assertEquals(jobs, []);
});

Deno.test("GET /sequence takes the last n there is, and the longest", async () => {
  const { get } = fixture({ maxN: 1099 });
  const text = await (await get("/sequence?from=100&count=1000")).text();
  assertEquals(text.split("\n").length, 1001);
});

Deno.test("HEAD /sequence computes nothing", async () => {
  const { get, jobs } = fixture();
  const response = await get("/sequence", {}, { method: "HEAD" });
  assertEquals([response.status, await response.text()], [200, ""]);
  assertEquals(response.headers.get("content-type"), "application/x-ndjson");
  assertEquals(jobs, []);
});

Deno.test("GET /sequence computes as many at once as there are workers, in order", async () => {
  const holding = new HoldingCompute();
  const self = fixture({ compute: holding.compute });
  self.stats = { pool: poolStats(["idle", "idle", "idle"]), cache: null };
  const text = self.get("/sequence?count=4").then((response) => response.text());
  (await holding.call(2)).answer();
  assertEquals(holding.calls.length, 3);
  (await holding.call(1)).answer();
  (await holding.call(0)).answer();
  (await holding.call(3)).answer();
  assertEquals((await text).trim().split("\n").map((line) => JSON.parse(line).n), [0, 1, 2, 3]);
});

Deno.test("GET /sequence computes no faster than it is read", async () => {
  const { get, jobs } = fixture();
  const response = await get("/sequence?count=1000");
  const reader = response.body!.getReader();
  for (let i = 0; i < 5; i++) await reader.read();
  assert(jobs.length < 10, `${jobs.length} computed for 5 read`);
  await reader.cancel();
});

Deno.test("GET /sequence still answers 503 when the first number is refused", async () => {
  const { get } = fixture({ compute: () => Promise.reject(new OverloadedError("full", 1)) });
  assertEquals((await get("/sequence")).status, 503);
});

Deno.test("GET /sequence cuts its body when a later number fails", async () => {
  const lines: string[] = [];
  configureLog("error", (line) => lines.push(line));
  const { get } = fixture({
    compute: ({ n }) => n < 2 ? Promise.resolve(resultOf(n)) : Promise.reject(new Error("a bug")),
  });
  const response = await get("/sequence");
  assertEquals(response.status, 200);
  await assertRejects(() => response.text());
  configureLog("error", () => {});
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], "a bug");
});

Deno.test("GET /sequence stops computing when the client leaves", async () => {
  const holding = new HoldingCompute();
  const client = new AbortController();
  const { get } = fixture({ compute: holding.compute });
  const response = get("/sequence", {}, { signal: client.signal });
  (await holding.call(0)).answer();
  const reader = (await response).body!.getReader();
  await reader.read();
  const read = reader.read().catch(() => "cut");
  const { options } = await holding.call(1);
  client.abort();
  assert(options.signal!.aborted);
  assertEquals(await read, "cut");
});

Deno.test("GET /sequence stops computing when its body is cancelled", async () => {
  const holding = new HoldingCompute();
  const response = fixture({ compute: holding.compute }).get("/sequence");
  (await holding.call(0)).answer();
  const reader = (await response).body!.getReader();
  await reader.read();
  const read = reader.read();
  const { options } = await holding.call(1);
  await reader.cancel();
  assert(options.signal!.aborted);
  assertEquals((await read).done, true);
});
