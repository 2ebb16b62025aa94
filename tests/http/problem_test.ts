import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { Problem } from "../../lib/hono/mod.ts";
import { configureLog } from "../../lib/log.ts";
import {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  WorkerCrashedError,
} from "../../lib/pool/mod.ts";
import { type Fixture, fixture, HoldingCompute, problemOf } from "./fakes.ts";

function failing(error: unknown): Fixture {
  return fixture({ compute: () => Promise.reject(error) });
}

/** Collects what is logged while `run` runs. */
async function logOf(
  level: "debug" | "info",
  run: () => Promise<unknown>,
): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  configureLog(level, (line) => lines.push(line));
  try {
    await run();
  } finally {
    configureLog("error", () => {});
  }
  return lines.map((line) => JSON.parse(line));
}

configureLog("error", () => {});

Deno.test.each([
  [new OverloadedError("full", 2500), 503, "overloaded", "3"],
  [new OverloadedError("full", 0), 503, "overloaded", "1"],
  [new OverloadedError("full", Infinity), 503, "overloaded", "300"],
  [new OverloadedError("out", 1, "lane"), 503, "overloaded-long", "1"],
  [new OverloadedError("out", 1, "group"), 503, "overloaded-client", "1"],
  [new PoolClosedError("closed"), 503, "draining", "5"],
  [new DeadlineExceededError(30_000), 504, "deadline-exceeded", null],
  [new Problem(422, "infeasible", "too long"), 422, "infeasible", null],
  [new WorkerCrashedError("crashed"), 500, "internal", null],
  [new RangeError("a bug"), 500, "internal", null],
  ["not even an error", 500, "internal", null],
  [undefined, 500, "internal", null],
])("GET /n answers what its compute throws: %s", async (error, status, code, retryAfter) => {
  const response = await failing(error).get("/33");
  assertEquals(response.status, status);
  assertEquals(response.headers.get("retry-after"), retryAfter);
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  const problem = await problemOf(response);
  assertEquals([problem.status, problem.code], [status, code]);
  assert(problem.title && problem.detail);
});

Deno.test("what is refused without an error is answered as what is refused with one", async () => {
  for (const reason of ["queue", "wait", "lane", "group"] as const) {
    const thrown = await failing(new OverloadedError("full", 2500, reason)).get("/33");
    const refusal = () => ({ reason, message: "full", retryAfterMs: 2500 });
    const compute = Object.assign(() => Promise.reject(new Error("computed")), { refusal });
    const { get, jobs } = fixture({ compute });
    const id = thrown.headers.get("x-request-id")!;
    const refused = await get("/33", { "x-request-id": id });
    assertEquals(refused.status, 503);
    assertEquals(await refused.json(), await thrown.json());
    // The runtime adds the length of a text.
    const without = (headers: Headers) =>
      [...headers].filter(([name]) => name !== "content-length");
    assertEquals(without(refused.headers), without(thrown.headers));
    assertEquals(jobs, []);
    assertEquals((await get("/33", {}, { method: "HEAD" })).status, 200);
  }
});

Deno.test("a bug is answered with an id and nothing else, and logged with both", async () => {
  const error = new TypeError("the secret", { cause: new Error("its cause") });
  let text = "";
  const [line] = await logOf("info", async () => {
    text = await (await failing(error).get("/33")).text();
  });
  assertNotMatch(text, /secret|cause|TypeError|\.ts/);
  assertEquals(line.level, "error");
  assertEquals(line.requestId, JSON.parse(text).requestId);
  const logged = line.error as { message: string; stack: string; cause: { message: string } };
  assertEquals([logged.message, logged.cause.message], ["the secret", "its cause"]);
  assertMatch(logged.stack, /problem_test\.ts/);
});

Deno.test("a problem takes over the client's request id if it is sane", async () => {
  const { get } = fixture();
  const id = "a-B_9.x";
  const response = await get("/nope", { "x-request-id": id });
  assertEquals(response.headers.get("x-request-id"), id);
  assertEquals((await problemOf(response)).requestId, id);
  for (const given of ["", "a b", "<x>", "é", "a".repeat(129)]) {
    const { requestId } = await problemOf(await get("/nope", { "x-request-id": given }));
    assertMatch(requestId, /^[0-9a-f-]{36}$/);
  }
});

Deno.test("a problem in answer to HEAD has GET's headers and no body", async () => {
  const { get } = failing(new Error("never asked"));
  for (const path of ["/nope", "/5?algorithm=x", "/99999999"]) {
    const headers = { "x-request-id": "x" };
    const [head, full] = [await get(path, headers, { method: "HEAD" }), await get(path, headers)];
    assertEquals(head.status, full.status);
    assertEquals([...head.headers], [...full.headers]);
    assertEquals(await head.text(), "");
  }
});

Deno.test("a client that has gone is no failure", async () => {
  const holding = new HoldingCompute();
  const client = new AbortController();
  const { get } = fixture({ compute: holding.compute, estimateMs: () => 1 });
  const lines = await logOf("info", async () => {
    const response = get("/33", {}, { signal: client.signal });
    await holding.call(0);
    client.abort(new Error("gone"));
    assertEquals((await response).status, 499);
  });
  assertEquals(lines, []);
});

Deno.test("drain() refuses new work and finishes what was accepted", async () => {
  const holding = new HoldingCompute();
  const { app, get } = fixture({ compute: holding.compute });
  const accepted = get("/33");
  const call = await holding.call(0);

  app.drain();
  for (const path of ["/33", "/sequence", "/events", "/readyz"]) {
    const response = await get(path);
    assertEquals([path, response.status], [path, 503]);
    assertEquals(response.headers.get("retry-after"), "5");
    assertEquals((await problemOf(response)).code, "draining");
  }
  for (const path of ["/", "/healthz", "/metrics", "/openapi.json"]) {
    assertEquals([path, (await get(path)).status], [path, 200]);
  }

  call.answer();
  assertEquals(await (await accepted).text(), "3524578");
  assertEquals(holding.calls.length, 1);
});

Deno.test("overload is logged at most once a second, with how much was refused", async () => {
  const { get, clock } = failing(new OverloadedError("full", 1000));
  const lines = await logOf("info", async () => {
    for (const ms of [0, 10, 10, 980, 10]) {
      clock.pass(ms);
      await get("/33");
    }
  });
  assertEquals(lines.map(({ level, count }) => [level, count]), [["warning", 1], [
    "warning",
    3,
  ]]);
});

Deno.test("each request is logged at debug", async () => {
  const { get } = fixture();
  const lines = await logOf("debug", async () => {
    await get("/33?algorithm=naive", { "x-request-id": "id" });
    await get(`/${"a".repeat(1000)}`);
  });
  const { time: _, ...line } = lines[0];
  assertEquals(line, {
    level: "debug",
    logger: "fib.http",
    message: "Request",
    method: "GET",
    path: "/33?algorithm=naive",
    route: "/:n{[0-9]+}",
    status: 200,
    ms: 0,
    requestId: "id",
  });
  assertEquals((lines[1].path as string).length, 200);
  assertEquals(await logOf("info", () => get("/33")), []);
});
