import { assertEquals, assertRejects } from "@std/assert";
import { Hono } from "hono";
import { offLoop } from "../../lib/hono/mod.ts";
import { OverloadedError } from "../../lib/pool/mod.ts";
import { problemOf } from "../http/fakes.ts";
import { type HeldApi, HeldBackend, turn } from "../pool/held_backend.ts";

/** An app that streams what the method comes to for 0 and up. */
function fixture(count = 3, concurrency?: number) {
  const backend = new HeldBackend();
  const lines: string[] = [];
  const log = { debug() {}, warning() {}, error: (line: string) => void lines.push(line) };
  const work = offLoop<HeldApi>(backend, { log });
  const app = new Hono().use(work).get("/many", (c) => {
    const args = Array.from({ length: count }, (_, n): [number] => [n]);
    return work.stream(c, work.map(c, "f", args, { concurrency }));
  });
  const get = async (headers?: HeadersInit, init?: RequestInit) =>
    await app.request("/many", { headers, ...init });
  return { backend, get, lines };
}

Deno.test("work.stream() sends JSON lines in order, whatever order they come in", async () => {
  const { backend, get } = fixture();
  const response = get();
  await backend.at(2);
  for (const i of [2, 0, 1]) backend.calls[i].answer({ i });
  const { headers } = await response;
  assertEquals(headers.get("content-type"), "application/x-ndjson");
  assertEquals(await (await response).text(), '{"i":0}\n{"i":1}\n{"i":2}\n');
});

Deno.test("work.stream() sends server-sent events to whoever accepts them, with an end", async () => {
  const { backend, get } = fixture(1);
  const response = get({ accept: "text/event-stream" });
  (await backend.at(0)).answer("x");
  assertEquals((await response).headers.get("content-type"), "text/event-stream");
  assertEquals((await response).headers.get("x-accel-buffering"), "no");
  assertEquals(await (await response).text(), 'data: "x"\n\nevent: end\ndata: null\n\n');
  assertEquals((await get({ accept: "image/png" })).status, 406);
});

Deno.test("work.stream() of nothing is empty", async () => {
  assertEquals(await (await fixture(0).get()).text(), "");
});

Deno.test("work.stream() is refused like any call while nothing has been sent", async () => {
  const { backend, get } = fixture();
  const response = get();
  (await backend.at(0)).fail(new OverloadedError("full", 1));
  assertEquals((await problemOf(await response)).code, "overloaded");
});

Deno.test("work.stream() is cut, and that is logged, if a later call fails", async () => {
  const { backend, get, lines } = fixture(2);
  const response = get();
  await backend.at(1);
  backend.calls[0].answer("x");
  backend.calls[1].fail(new RangeError("own"));
  const { body } = await response;
  await assertRejects(() => Array.fromAsync(body!));
  assertEquals(lines, ["Answer cut short"]);
});

Deno.test("work.stream() computes no further ahead than it is read, and stops with its reader", async () => {
  const { backend, get, lines } = fixture(100, 2);
  const response = get();
  await backend.at(1);
  for (const call of backend.calls) call.answer("x");
  const reader = (await response).body!.getReader();
  await reader.read();
  await turn();
  // Nobody has asked for more.
  assertEquals(backend.calls.length, 2);
  await reader.read();
  const third = reader.read();
  await backend.at(2);
  await reader.cancel();
  assertEquals((await third).done, true);
  await turn();
  assertEquals(backend.calls.at(-1)!.options.signal!.aborted, true);
  assertEquals(lines, []);
});

Deno.test("work.map() has refused calls wait, once the first has been answered", async () => {
  const { backend, get } = fixture(2, 1);
  const response = get();
  (await backend.at(0)).answer("x");
  const { body } = await response;
  const text = Array.fromAsync(body!.pipeThrough(new TextDecoderStream()));
  (await backend.at(1)).fail(new OverloadedError("full", 1));
  (await backend.at(2)).answer("y");
  assertEquals((await text).join(""), '"x"\n"y"\n');
});

Deno.test("work.stream() ends a source that it does not read", async () => {
  let ended = 0;
  const work = offLoop<HeldApi>(new HeldBackend());
  const app = new Hono().use(work)
    .get("/", (c) => work.stream(c, new ReadableStream({ cancel: () => void ended++ })));
  const head = await app.request("/", { method: "HEAD" });
  const unacceptable = await app.request("/", { headers: { accept: "image/png" } });
  const long = await app.request("/", { headers: { accept: ",".repeat(5_000) } });
  await turn();
  assertEquals([head.status, unacceptable.status, long.status, ended], [200, 406, 431, 3]);
});

Deno.test("HEAD for a stream computes nothing", async () => {
  const { backend, get } = fixture();
  const response = await get({}, { method: "HEAD" });
  assertEquals([response.status, backend.calls.length], [200, 0]);
});

/** An app that streams a source of its own. */
function streaming(source: AsyncIterable<unknown>) {
  const errors: unknown[] = [];
  const log = {
    debug() {},
    warning() {},
    error: (_: string, fields: { error?: unknown }) => void errors.push(fields.error),
  };
  const work = offLoop<HeldApi>(new HeldBackend(), { log });
  const app = new Hono().use(work).get("/own", (c) => work.stream(c, source));
  return { get: async () => await app.request("/own"), errors };
}

Deno.test("work.stream() logs what a source throws when its client has left, and goes on", async () => {
  const failure = new RangeError("own");
  async function* source() {
    try {
      yield 1;
      yield 2;
    } finally {
      await turn();
      // deno-lint-ignore no-unsafe-finally -- what a careless source does
      throw failure;
    }
  }
  const { get, errors } = streaming(source());
  const reader = (await get()).body!.getReader();
  await reader.read();
  await reader.cancel();
  while (errors.length === 0) await turn();
  assertEquals(errors, [failure]);
});

Deno.test("work.stream() ends a source that yields what JSON can't hold", async () => {
  let ends = 0;
  async function* source() {
    try {
      yield 1;
      yield 2n;
    } finally {
      ends++;
    }
  }
  const { get, errors } = streaming(source());
  const { body } = await get();
  await assertRejects(() => Array.fromAsync(body!));
  await turn();
  assertEquals([ends, errors.length], [1, 1]);
});

Deno.test("work.stream() sends null for what JSON leaves out", async () => {
  async function* source() {
    yield undefined;
    yield () => {};
  }
  assertEquals(await (await streaming(source()).get()).text(), "null\nnull\n");
});
