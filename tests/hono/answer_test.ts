import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Hono } from "hono";
import { type AnswerOptions, offLoop, type OffLoopOptions } from "../../lib/hono/mod.ts";
import { compressing } from "../../lib/hono/worker.ts";
import { cached } from "../../lib/pool/cached.ts";
import { inline } from "../../lib/pool/inline.ts";
import { OverloadedError } from "../../lib/pool/mod.ts";
import { decoded } from "../compute/decoded.ts";
import { problemOf } from "../http/fakes.ts";
import { type HeldApi, HeldBackend } from "../pool/held_backend.ts";

const TEXT = "0123456789".repeat(500);

/** An app that answers with `TEXT`, and counts how often it is made. */
function fixture(answer: AnswerOptions = {}, options: Partial<OffLoopOptions<Texts>> = {}) {
  const calls: unknown[][] = [];
  const api: Texts = {
    text(...args) {
      calls.push(args);
      return args[0] === "bytes" ? new TextEncoder().encode(TEXT) : TEXT;
    },
    number: (n) => n,
    object: () => ({}) as never,
  };
  const backend = cached(inline(compressing(api)), { maxBytes: 1e6 });
  const work = offLoop<Texts>(backend, { version: "v1", ...options });
  const app = new Hono();
  app.use(work);
  app.get("/text/:kind", (c) => work.answer(c, "text", [c.req.param("kind"), 1], answer));
  app.get("/number/:n", (c) => work.answer(c, "number", [Number(c.req.param("n"))]));
  app.get("/object", (c) => work.answer(c, "object", [], answer));
  const get = async (path: string, headers?: HeadersInit, init?: RequestInit) => {
    await backend.load();
    return await app.request(path, { headers, ...init });
  };
  return { calls, get, work };
}

interface Texts {
  text(kind: string, n: number): string | Uint8Array<ArrayBuffer>;
  number(n: number): number;
  object(): string;
}

Deno.test("work.answer() sends what is pure, to be kept for good", async () => {
  const { get } = fixture();
  for (const kind of ["text", "bytes"]) {
    const response = await get(`/text/${kind}`);
    const { headers } = response;
    assertEquals(await response.text(), TEXT);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    assertEquals(headers.get("cache-control"), "public, max-age=31536000, immutable");
    assertEquals(headers.get("accept-ranges"), "bytes");
    assertMatch(headers.get("etag")!, /^"v1\.[\w.%-]+"$/);
    assertMatch(headers.get("server-timing")!, /^cache;desc=miss/);
  }
  const number = await get("/number/42");
  assertEquals(await number.text(), "42");
});

Deno.test("work.answer() has another tag for other arguments and another version", async () => {
  const etagOf = async (path: string, version: string) =>
    (await fixture({}, { version }).get(path)).headers.get("etag");
  const tags = await Promise.all([
    etagOf("/number/1", "v1"),
    etagOf("/number/2", "v1"),
    etagOf("/number/1", "v2"),
    etagOf("/text/1", "v1"),
    etagOf(`/text/${encodeURIComponent('a",b')}`, "v1"),
  ]);
  assertEquals(new Set(tags).size, tags.length);
  for (const tag of tags) assertMatch(tag!, /^"[!#-+\--~]+"$/);
});

Deno.test("work.answer() without a version has no tag, and is checked each time", async () => {
  const { headers } = await fixture({}, { version: undefined }).get("/text/text");
  assertEquals([headers.get("etag"), headers.get("cache-control")], [null, "no-cache"]);
});

Deno.test("work.answer() answers conditions and HEAD without computing", async () => {
  const { calls, get } = fixture();
  const etag = (await fixture().get("/text/text")).headers.get("etag")!;
  const same = await get("/text/text", { "if-none-match": `"x", W/${etag}` });
  assertEquals([same.status, same.headers.get("etag"), await same.text()], [304, etag, ""]);
  assertEquals((await get("/text/text", { "if-match": '"x"' })).status, 412);
  const head = await get("/text/text", {}, { method: "HEAD" });
  assertEquals([head.status, head.headers.get("etag"), await head.text()], [200, etag, ""]);
  assertEquals(calls, []);
  assertEquals((await get("/text/text", { "if-match": etag })).status, 200);
});

Deno.test("work.answer() remembers, and computes anew for whoever wants that", async () => {
  const { calls, get } = fixture();
  for (const cache of ["miss", "hit"]) {
    const { headers } = await get("/text/text");
    assertMatch(headers.get("server-timing")!, new RegExp(`^cache;desc=${cache}`));
  }
  await get("/text/text", { "cache-control": "no-cache" });
  assertEquals(calls.length, 2);
});

Deno.test.each<[string, number, string | null, string]>([
  ["bytes=0-4", 206, "bytes 0-4/5000", "01234"],
  ["bytes=-3", 206, "bytes 4997-4999/5000", "789"],
  ["bytes=4990-9999", 206, "bytes 4990-4999/5000", "0123456789"],
  ["bytes=0-1,3-4", 200, null, TEXT],
])("work.answer() sends the range %s", async (range, status, contentRange, text) => {
  for (const kind of ["text", "bytes"]) {
    const response = await fixture({ compress: true }).get(`/text/${kind}`, {
      range,
      "accept-encoding": "gzip",
    });
    assertEquals([response.status, await response.text()], [status, text]);
    assertEquals(response.headers.get("content-range"), contentRange);
  }
});

Deno.test.each(["bytes=-5", "bytes=0-"])(
  "work.answer() sends an empty body whole: %s",
  async (range) => {
    const { get } = fixture({ render: () => "" });
    const response = await get("/text/text", { range });
    assertEquals([response.status, await response.text()], [200, ""]);
    assertEquals(response.headers.get("content-range"), null);
  },
);

Deno.test("an entity tag of the app's own may have commas in it", async () => {
  const { get } = fixture({ etag: () => `"a, b"` });
  const statuses = async (list: string) => [
    (await get("/text/text", { "if-none-match": list })).status,
    (await get("/text/text", { "if-match": list })).status,
  ];
  assertEquals(await statuses(`"c", "a, b"`), [304, 200]);
  assertEquals(await statuses(`"a", "b"`), [200, 412]);
});

Deno.test("work.answer() has no range that isn't there, or of another version", async () => {
  const { get } = fixture();
  const beyond = await get("/text/text", { range: "bytes=5000-" });
  assertEquals([beyond.status, beyond.headers.get("content-range")], [416, "bytes */5000"]);
  const stale = await get("/text/text", { range: "bytes=0-4", "if-range": '"v0"' });
  assertEquals(stale.status, 200);
});

Deno.test.each(["gzip", "br"] as const)(
  "work.answer() has the worker compress to %s",
  async (coding) => {
    const { calls, get } = fixture({ compress: true, type: "text/csv" });
    const etags = new Set<string | null>();
    for (const kind of ["text", "bytes"]) {
      const response = await get(`/text/${kind}`, { "accept-encoding": coding });
      const { headers } = response;
      assertEquals([headers.get("content-encoding"), headers.get("vary")], [
        coding,
        "Accept-Encoding",
      ]);
      assertEquals([headers.get("content-type"), headers.get("accept-ranges")], ["text/csv", null]);
      const bytes = new Uint8Array(await response.arrayBuffer());
      assert(bytes.length < TEXT.length / 2);
      assertEquals(await decoded(coding, bytes), TEXT);
      etags.add(headers.get("etag"));
      etags.add((await get(`/text/${kind}`, {}, { method: "HEAD" })).headers.get("etag"));
    }
    assertEquals([etags.size, calls.length], [4, 2]);
  },
);

Deno.test("work.answer() fails with what is no body, for clients that take gzip too", async () => {
  for (const answer of [{}, { render: () => "rendered" }]) {
    for (const coding of ["gzip", "identity"]) {
      const errors: unknown[] = [];
      const error = (_: string, fields: { error?: unknown }) => void errors.push(fields.error);
      const log = { debug() {}, warning() {}, error };
      const { get } = fixture({ compress: true, ...answer }, { log });
      const { status } = await get("/object", { "accept-encoding": coding });
      assertEquals([status, errors[0] instanceof TypeError], [500, true]);
    }
  }
});

Deno.test("work.answer() refuses without a call when there is no room", async () => {
  const backend = Object.assign(new HeldBackend(), {
    isBusy: true,
    refusal: () => ({ reason: "queue", message: "Queue is full", retryAfterMs: 2_500 }) as const,
  });
  const warnings: unknown[] = [];
  const log = { debug() {}, warning: (...line: unknown[]) => void warnings.push(line), error() {} };
  const work = offLoop<HeldApi>(backend, { log });
  const app = new Hono().get("/", (c) => work.answer(c, "f", [1]));
  const response = await app.request("/", { headers: { "x-request-id": "id" } });
  assertEquals([response.status, response.headers.get("retry-after")], [503, "3"]);
  const problem = await problemOf(response);
  assertEquals([problem.code, problem.requestId], ["overloaded", "id"]);
  assertEquals([backend.calls.length, warnings.length], [0, 1]);
});

Deno.test("work.answer() answers errors as problems", async () => {
  const backend = new HeldBackend();
  const log = { debug() {}, warning() {}, error() {} };
  const work = offLoop<HeldApi>(backend, { log });
  const app = new Hono().get("/", (c) => work.answer(c, "f", [1]));
  const response = app.request("/");
  (await backend.at(0)).fail(new OverloadedError("full", 1));
  assertEquals((await response).status, 503);
  const other = fixture({}, { log });
  assertEquals((await other.get("/object")).status, 500);
});

Deno.test("compressing() compresses what a promise comes to, and knows its own methods only", async () => {
  const api = compressing({ later: (text: string) => Promise.resolve(text) });
  const bytes = await api.compressed("gzip", "later", "text") as Uint8Array<ArrayBuffer>;
  assertEquals(await decoded("gzip", bytes), "text");
  await assertRejects(async () => await api.compressed("gzip", "toString"), TypeError, "toString");
  assertEquals(await api.later("plain"), "plain");
});
