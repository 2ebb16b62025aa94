import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { type Log, offLoop } from "../../lib/hono/mod.ts";
import { problemOf } from "../http/fakes.ts";
import { Harness } from "../pool/harness.ts";
import { turn } from "../pool/held_backend.ts";
import { failing, fixture } from "./app_fixture.ts";

Deno.test("a call that its own AbortSignal.timeout() ends is too late, and no bug", async () => {
  const { app, backend, get, lines, work } = fixture();
  const own = new AbortController();
  const { signal } = own;
  app.get("/call", async (c) => c.json(await work.call(c, "f", [1], { signal })));
  app.get("/map", async (c) => c.json(await Array.fromAsync(work.map(c, "f", [[1]], { signal }))));
  app.get("/stream", (c) => work.stream(c, work.reports(c, "f", [1], { signal })));
  const responses = ["/call", "/map", "/stream"].map((path) => get(path));
  await backend.at(2);
  // As AbortSignal.timeout() does, without the wait.
  own.abort(new DOMException("Signal timed out.", "TimeoutError"));
  for (const response of responses) {
    assertEquals((await response).status, 504);
    assertEquals((await problemOf(await response)).code, "deadline-exceeded");
  }
  assertEquals(lines, []);
});

Deno.test("a method's own TimeoutError is a bug, and so is an abort that has no reason", async () => {
  const error = new DOMException("Signal timed out.", "TimeoutError");
  assertEquals((await failing(error)).response.status, 500);
  const abort = new DOMException("The signal has been aborted", "AbortError");
  assertEquals((await failing(abort)).response.status, 500);
});

Deno.test("a call that cancelWaiting() rejects is to be made again, and no bug", async () => {
  await using harness = new Harness({ size: 1 });
  const { pool } = harness;
  const lines: string[] = [];
  const log: Log = { debug() {}, warning() {}, error: (line) => void lines.push(line) };
  const work = offLoop(pool, { log });
  const app = new Hono().get("/f", async (c) => c.json(await work.call(c, "echo", [1])));
  const running = pool.call("hold", ["a"]);
  await harness.running("a");
  const answer = app.request("/f");
  while (pool.stats().queue.length === 0) await turn();
  assertEquals(pool.cancelWaiting(), 1);
  const response = await answer;
  assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
  assertEquals((await problemOf(response)).code, "cancelled");
  assertEquals(lines, []);
  harness.release("a");
  await running;
});
