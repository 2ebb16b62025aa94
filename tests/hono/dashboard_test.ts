import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { POLICY } from "../../lib/hono/dashboard_page.ts";
import { offLoop } from "../../lib/hono/mod.ts";
import type { PoolObserver } from "../../lib/pool/mod.ts";
import { decoded } from "../compute/decoded.ts";
import { poolStats, problemOf } from "../http/fakes.ts";
import { HeldBackend } from "../pool/held_backend.ts";
import { fixture } from "./app_fixture.ts";
import { Client, turn } from "./event_client.ts";

const PATH = "/ops/dashboard";

Deno.test("GET /dashboard is one page, whose policy names what is in it and nothing else", async () => {
  const response = await fixture().get(PATH);
  const { status, headers } = response;
  assertEquals([status, headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
  const policy = headers.get("content-security-policy")!;
  assertMatch(policy, /^default-src 'none';/);
  assertNotMatch(policy, /unsafe|https?:|\*/);
  const page = await response.text();
  for (const name of ["script", "style"]) {
    const parts = [...page.matchAll(new RegExp(`<${name}[^>]*>([^]*?)</${name}>`, "g"))];
    assertEquals(parts.length, 1, name);
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts[0][1]));
    const digest = new Uint8Array(hash).toBase64();
    assert(policy.includes(`${name}-src 'sha256-${digest}'`), name);
  }
  const [markup] = page.split(/<style[^]*<\/script>/);
  assertNotMatch(markup, / src=|<link rel="stylesheet"/);
  assertEquals(policy, POLICY);
});

Deno.test("GET /dashboard speaks of no function in particular", async () => {
  const page = await (await fixture().get(PATH)).text();
  assertNotMatch(page, /fibonacci|algorithm|naive/i);
});

Deno.test("GET /dashboard is compressed for who takes gzip, and each form has its tag", async () => {
  const { get } = fixture();
  const plain = await get(PATH);
  const gzip = await get(PATH, { "accept-encoding": "br, gzip" });
  assertEquals([plain, gzip].map(({ headers }) => headers.get("content-encoding")), [null, "gzip"]);
  for (const { headers } of [plain, gzip]) assertEquals(headers.get("vary"), "Accept-Encoding");
  assert(plain.headers.get("etag") !== gzip.headers.get("etag"));
  const bytes = new Uint8Array(await gzip.arrayBuffer());
  assertEquals(gzip.headers.get("content-length"), String(bytes.length));
  assertEquals(await decoded("gzip", bytes), await plain.text());
  // Of brotli there is no form.
  const brotli = await get(PATH, { "accept-encoding": "br" });
  assertEquals(brotli.headers.get("content-encoding"), null);
});

Deno.test("GET /dashboard is asked for again each time, and answered 304 while it is the same", async () => {
  const { get } = fixture();
  const { headers } = await get(PATH);
  assertEquals(headers.get("cache-control"), "no-cache");
  const etag = headers.get("etag")!;
  const same = await get(PATH, { "if-none-match": etag });
  assertEquals([same.status, same.body, same.headers.get("etag")], [304, null, etag]);
  assertEquals((await get(PATH, { "if-none-match": '"other"' })).status, 200);
  assertEquals((await problemOf(await get(PATH, { "if-match": '"other"' }))).status, 412);
});

Deno.test("HEAD /dashboard has GET's headers", async () => {
  const { get } = fixture();
  const head = await get(PATH, {}, { method: "HEAD" });
  const whole = await get(PATH);
  assertEquals([...head.headers], [...whole.headers]);
  assertEquals([head.status, head.body], [200, null]);
});

Deno.test("GET /dashboard is there while the service drains", async () => {
  const { get, work } = fixture();
  await work.drain();
  assertEquals((await get(PATH)).status, 200);
});

Deno.test("work.operator() watches the backend from then on, once", async () => {
  const observers: PoolObserver[] = [];
  const backend = Object.assign(new HeldBackend(), {
    observe: (observer: PoolObserver) => void observers.push(observer),
    stats: () => poolStats(["idle"]),
  });
  const work = offLoop(backend);
  assertEquals(observers.length, 0);
  const app = work.operator();
  work.operator();
  assertEquals(observers.length, 1);
  const [{ onRun, onEvent }] = observers;
  const run = { slot: 0, id: 1, method: "f", tag: "page 7", startedAt: performance.now() };
  onRun!({ ...run, runMs: 20, end: "done" });
  onEvent!({ type: "ready", slot: 0 });
  const client = new Client((await app.request("/events")).body!).read();
  await turn();
  const { spans, marks } = client.received[0][1].data;
  assertEquals([spans[0].method, spans[0].tag, marks[0].type], ["f", "page 7", "ready"]);
  await client.leave();
  await work.drain();
});

Deno.test("/events counts the answers of all routes but the operator's", async () => {
  const { backend, get, work } = fixture();
  const response = get("/f/7");
  (await backend.at(0)).answer("text");
  await (await response).text();
  for (const path of ["/ops/healthz", "/ops/metrics", PATH, "/nothing"]) {
    await (await get(path)).body?.cancel();
  }
  const client = new Client((await get("/ops/events")).body!).read();
  await turn();
  assertEquals(client.received[0][0].data.answers, { 200: 1, 404: 1 });
  await client.leave();
  await work.drain();
});
