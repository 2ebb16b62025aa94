import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLessOrEqual,
  assertMatch,
  assertNotMatch,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { type Log, offLoop, Problem } from "../../lib/hono/mod.ts";
import { cached } from "../../lib/pool/cached.ts";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  WorkerCrashedError,
} from "../../lib/pool/mod.ts";
import { problemOf } from "../http/fakes.ts";
import { type HeldApi, HeldBackend } from "../pool/held_backend.ts";
import { failing, fixture } from "./app_fixture.ts";

Deno.test("work.call() answers with what the method comes to, and says where the time went", async () => {
  const { backend, get } = fixture();
  const response = get("/f/7");
  (await backend.at(0)).answer("text", { slot: 1, transferMs: 0.25 });
  assertEquals(await (await response).text(), "text");
  assertEquals(
    (await response).headers.get("server-timing"),
    "cache;desc=off, queue;dur=2, compute;dur=3, transfer;dur=0.25, worker;desc=1",
  );
  assertEquals(backend.calls[0].args, [7]);
});

Deno.test.each([
  [new OverloadedError("full", 2_500), 503, "overloaded", "3"],
  [new OverloadedError("full", 0), 503, "overloaded", "1"],
  [new OverloadedError("out", 1, "group"), 503, "overloaded-client", "1"],
  [new PoolClosedError("closed"), 503, "draining", "5"],
  [new DeadlineExceededError(1_000), 504, "deadline-exceeded", null],
  [new WorkerCrashedError("crashed"), 500, "internal", null],
  [new RangeError("a secret"), 500, "internal", null],
  ["not even an error", 500, "internal", null],
])("work.call() rejects with what renders itself: %s", async (error, status, code, retryAfter) => {
  const { response } = await failing(error);
  assertEquals([response.status, response.headers.get("retry-after")], [status, retryAfter]);
  assertEquals(response.headers.get("x-request-id"), "id-7");
  const text = await response.clone().text();
  assertNotMatch(text, /secret|\.ts|RangeError/);
  const problem = await problemOf(response);
  assertEquals([problem.code, problem.requestId], [code, "id-7"]);
});

Deno.test("work.call() rejects with an HTTPException, whose cause is what was thrown", async () => {
  const { app, backend, get, work } = fixture();
  let caught: unknown;
  app.get("/catching", async (c) => {
    try {
      await work.call(c, "f", [1]);
    } catch (error) {
      caught = error;
    }
    return c.text("caught");
  });
  const response = get("/catching");
  const error = new RangeError("own");
  (await backend.at(0)).fail(error);
  assertEquals(await (await response).text(), "caught");
  assertInstanceOf(caught, HTTPException);
  assertInstanceOf(caught, Problem);
  assertStrictEquals(caught.cause, error);
});

Deno.test("a bug is logged with its request id, route, method and tag; load once a second", async () => {
  const { app, backend, get, lines, work } = fixture();
  app.get("/tagged", async (c) => c.json(await work.call(c, "f", [1], { tag: { a: 1 } })));
  const error = new WorkerCrashedError("crashed");
  const tagged = get("/tagged", { "x-request-id": "id" });
  (await backend.at(0)).fail(error);
  await tagged;
  const [{ level, fields }] = lines;
  assertEquals(level, "error");
  assertEquals(fields, { route: "/tagged", requestId: "id", method: "f", tag: { a: 1 }, error });
  for (const call of [1, 2]) {
    const refused = get("/f/7");
    (await backend.at(call)).fail(new OverloadedError("full", 1));
    await refused;
  }
  assertEquals(lines.slice(1).map(({ level, fields }) => [level, fields.count]), [[
    "warning",
    1,
  ]]);
});

Deno.test("problemOf makes an answer of a method's own error", async () => {
  const problem = new Problem(400, "too-odd", "It is odd");
  const { response, lines } = await failing(new RangeError("odd"), {
    problemOf: (error, method) =>
      error instanceof RangeError && method === "f" ? problem : undefined,
  });
  assertEquals((await problemOf(response)).code, "too-odd");
  assertEquals(lines, []);
});

Deno.test("work.onError makes a problem of any error", async () => {
  const { app, get, lines, work } = fixture();
  app.onError(work.onError);
  app.get("/broken", () => {
    throw new Error("a secret");
  });
  app.get("/theirs", () => {
    throw new HTTPException(403, { message: "theirs" });
  });
  const response = await get("/broken");
  assertEquals((await problemOf(response)).code, "internal");
  assertEquals(lines.map(({ level }) => level), ["error"]);
  assertEquals((await get("/theirs")).status, 403);
});

Deno.test("a client that leaves has its call aborted, and is no failure", async () => {
  const { backend, get, lines } = fixture();
  const client = new AbortController();
  const response = get("/f/7", {}, { signal: client.signal });
  const { options } = await backend.at(0);
  assertEquals(options.signal!.aborted, false);
  client.abort(new Error("gone"));
  assertEquals((await response).status, 499);
  assertEquals([options.signal!.aborted, lines], [true, []]);
});

Deno.test("a caller's own signal ends its call, and short work is not watched", async () => {
  const { app, backend, get, work } = fixture();
  const own = new AbortController();
  app.get("/own", async (c) => c.json(await work.call(c, "f", [1], { signal: own.signal })));
  app.get("/short", async (c) => c.json(await work.call(c, "f", [1], { estimateMs: 0.01 })));
  const response = get("/own");
  await backend.at(0);
  own.abort(new HTTPException(409, { message: "superseded" }));
  assertEquals((await response).status, 409);
  const short = get("/short");
  const call = await backend.at(1);
  assertEquals(call.options.signal, undefined);
  call.answer("x");
  await short;
});

Deno.test("Prefer: wait= lowers the deadline, and never raises it", async () => {
  const { backend, get } = fixture();
  for (
    const [i, [prefer, mostMs]] of ([["wait=2", 2_000], ["wait=60", 5_000]] as const).entries()
  ) {
    const response = get("/f/7", { prefer });
    const call = await backend.at(i);
    assertLessOrEqual(call.options.deadlineMs!, mostMs);
    assertGreater(call.options.deadlineMs!, mostMs - 1_000);
    call.answer("x");
    const applied = (await response).headers.get("preference-applied");
    assertEquals(applied, mostMs === 2_000 ? "wait=2" : null);
  }
  const impatient = await get("/f/7", { prefer: "wait=0" });
  assertEquals([impatient.status, backend.calls.length], [504, 2]);
});

Deno.test("a request's later call has what its earlier one left of the deadline", async () => {
  const { app, backend, get, work } = fixture();
  app.get("/two", async (c) => {
    await work.call(c, "f", [1]);
    return c.json(await work.call(c, "f", [2]));
  });
  const response = get("/two");
  (await backend.at(0)).answer("x", { runMs: 1 });
  const second = await backend.at(1);
  assert(second.options.deadlineMs! < backend.calls[0].options.deadlineMs!);
  second.answer("y", { runMs: 2 });
  assertMatch((await response).headers.get("server-timing")!, /queue;dur=4, compute;dur=3/);
});

Deno.test("estimates refuse what is never feasible, and bound how long the rest may wait", async () => {
  const { backend, get } = fixture({ estimate: { f: (n) => 1000 * n } });
  const response = await get("/f/7");
  const { code, detail } = await problemOf(response);
  assertEquals([response.status, code, backend.calls.length], [422, "infeasible", 0]);
  assertMatch(detail, /7 seconds.*5 seconds/);
  const feasible = get("/f/1");
  const { options, answer } = await backend.at(0);
  assertEquals([options.estimateMs, options.pure], [1000, false]);
  assertLessOrEqual(options.maxWaitMs!, 4_000);
  answer("x");
  assertEquals((await feasible).status, 200);
});

Deno.test("an estimate below zero is none, and one that is no number is unknown", async () => {
  const { backend, get } = fixture({ estimate: { f: (n) => n === 1 ? -5 : NaN } });
  for (const [index, estimateMs] of [0, undefined].entries()) {
    const response = get(`/f/${index + 1}`);
    const { options, answer } = await backend.at(index);
    assertEquals(options.estimateMs, estimateMs);
    assertLessOrEqual(options.maxWaitMs!, 5_000);
    answer("x");
    assertEquals((await response).status, 200);
  }
});

Deno.test("a deadline that is none is a bug, with an error that says so", async () => {
  const { app, backend, get, lines, work } = fixture();
  app.get(
    "/own/:ms",
    async (c) => c.json(await work.call(c, "f", [1], { deadlineMs: Number(c.req.param("ms")) })),
  );
  for (const ms of ["NaN", "-1"]) {
    assertEquals((await get(`/own/${ms}`)).status, 500);
    assertMatch(String(lines.pop()!.fields.error), /RangeError: deadlineMs is (NaN|-1): must be/);
  }
  assertEquals(backend.calls.length, 0);
});

Deno.test("pure methods are remembered by a cache, and found without a call", async () => {
  const backend = new HeldBackend();
  const memory = cached<HeldApi>(backend, { maxBytes: 1e6 });
  await memory.load();
  const work = offLoop(memory, { pure: ["f"], estimate: { f: () => 1e9 }, deadlineMs: 2e9 });
  const app = new Hono().use(work)
    .get("/f", async (c) => c.text(String(await c.var.call("f", [1]))));
  const first = app.request("/f");
  (await backend.at(0)).answer("text");
  await first;
  const second = await app.request("/f");
  assertEquals([await second.text(), backend.calls.length], ["text", 1]);
  assertMatch(second.headers.get("server-timing")!, /^cache;desc=hit/);
  // What is remembered may be had at once, however long it takes.
  assertEquals((await app.request("/f", { headers: { prefer: "wait=0" } })).status, 200);
});

Deno.test("drain() is not ready first, takes work until it seals, and is quiet when all is answered", async () => {
  const { backend, get, work } = fixture();
  const accepted = get("/f/1");
  await backend.at(0);
  const quiet = work.drain(60_000);
  assertEquals((await get("/ops/readyz")).status, 503);
  const taken = get("/f/2");
  (await backend.at(1)).answer("taken");
  assertEquals([(await taken).status, (await taken).headers.get("connection")], [200, "close"]);

  let isQuiet = false;
  work.drain(0).then(() => isQuiet = true);
  const refused = await get("/f/3");
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
  assertEquals((await problemOf(refused)).code, "draining");
  assertEquals((await get("/ops/events")).status, 503);
  assertEquals((await get("/ops/healthz")).status, 200);
  assertEquals(isQuiet, false);
  backend.calls[0].answer("accepted");
  assertEquals(await (await accepted).text(), "accepted");
  await quiet;
});

Deno.test("metrics name routes by their pattern, with a prefix of one's own", async () => {
  const { backend, get, work } = fixture({ prefix: "primes_" });
  for (const n of [1, 2]) {
    const response = get(`/f/${n}`);
    (await backend.at(n - 1)).answer("x");
    await response;
  }
  await get("/nowhere");
  const text = await (await get("/ops/metrics")).text();
  assert(text.includes(`http_requests_total{method="GET",route="/f/:n{[0-9]+}",status="200"} 2`));
  assert(text.includes(`http_requests_total{method="GET",route="none",status="404"} 1`));
  assert(text.includes(`primes_compute_seconds_count{method="f"} 2`));
  assertNotMatch(text, /nowhere|fib_/);
  await work.drain();
});

Deno.test("mounted twice, the middleware counts a request once", async () => {
  const { app, backend, get, work } = fixture();
  app.use("/sub/*", work);
  app.get("/sub/f", async (c) => c.json(await work.call(c, "f", [1])));
  const response = get("/sub/f");
  (await backend.at(0)).answer("x");
  await response;
  const text = await (await get("/ops/metrics")).text();
  assert(text.includes(`{method="GET",route="/sub/f",status="200"} 1`), text);
  await work.drain();
});

Deno.test("work.call() works without the middleware", async () => {
  const backend = new HeldBackend();
  const log: Log = { debug() {}, warning() {}, error() {} };
  const work = offLoop<HeldApi>(backend, { log });
  const app = new Hono();
  app.get("/f", async (c) => c.text(String(await work.call(c, "f", [1]))));
  const response = app.request("/f");
  (await backend.at(0)).fail(new OverloadedError("full", 1));
  assertEquals((await response).status, 503);
});

Deno.test("health and readiness are the backend's", async () => {
  const { backend, get } = fixture();
  assertEquals(await (await get("/ops/readyz")).json(), { status: "ready" });
  backend.health = () => ({ ready: false, healthy: true, reason: "Can't load /srv/app/worker.ts" });
  const response = await get("/ops/readyz");
  assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
  assertEquals((await problemOf(response)).detail, "Can't load worker.ts");
  assertEquals((await get("/ops/healthz")).status, 200);
  backend.health = () => ({ ready: false, healthy: false, reason: "The worker pool is failing" });
  assertEquals((await get("/ops/healthz")).status, 503);
});

Deno.test("offLoop() takes no deadline that bounds nothing", () => {
  for (const deadlineMs of [NaN, -1]) assertThrows(() => fixture({ deadlineMs }), RangeError);
  fixture({ deadlineMs: Infinity });
});
