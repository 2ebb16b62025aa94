import { assert, assertEquals } from "@std/assert";
import type { FibonacciJob } from "../../lib/compute/mod.ts";
import type { BackendCallOptions } from "../../lib/pool/mod.ts";
import { type Compute, fixture, HoldingCompute, IMMUTABLE, problemOf, resultOf } from "./fakes.ts";

/** Has the answer to everything, and computes it nevertheless if it must. */
function remembering() {
  const calls: BackendCallOptions[] = [];
  const compute: Compute = Object.assign(
    ({ n }: FibonacciJob, options: BackendCallOptions = {}) => {
      calls.push(options);
      return Promise.resolve(resultOf(n, { cache: "bypass" }));
    },
    { find: ({ n }: FibonacciJob) => resultOf(n, { cache: "hit" }) },
  );
  return { ...fixture({ compute }), calls };
}

const cacheOf = ({ headers }: Response) =>
  /^cache;desc=(\w+)/.exec(headers.get("server-timing")!)?.[1];

Deno.test.each([
  "no-cache",
  "No-Cache",
  "max-age=0, no-cache",
  "no-cache,max-age=0",
  "no-store no-cache",
  " no-cache ",
])("GET /n computes anew for Cache-Control: %o", async (cacheControl) => {
  const { get, calls } = remembering();
  const response = await get("/33", { "cache-control": cacheControl });
  assertEquals([response.status, cacheOf(response)], [200, "bypass"]);
  assertEquals(calls.map(({ fresh, deadlineMs }) => [fresh, deadlineMs]), [[true, 30_000]]);
  // It is of the request alone.
  assertEquals(response.headers.get("cache-control"), IMMUTABLE);
});

Deno.test.each(["no-cache=foo", "x-no-cache", "no-cachet", "no-store", "max-age=0", ""])(
  "GET /n answers from memory for Cache-Control: %o",
  async (cacheControl) => {
    const { get, calls } = remembering();
    assertEquals(cacheOf(await get("/33", { "cache-control": cacheControl })), "hit");
    assertEquals(calls, []);
  },
);

Deno.test("GET /n computes anew a part of the number, and its compressed form", async () => {
  const { get, jobs } = remembering();
  const part = await get("/33", { "cache-control": "no-cache", range: "bytes=1-3" });
  assertEquals([part.status, cacheOf(part), await part.text()], [206, "bypass", "524"]);
  await get("/10000", { "cache-control": "no-cache", "accept-encoding": "gzip" });
  assertEquals(jobs.map(({ encoding }) => encoding?.coding), [undefined, "gzip"]);
});

Deno.test("GET /n computes nothing for Cache-Control: no-cache where there is nothing to send", async () => {
  const { get, calls } = remembering();
  const headers = { "cache-control": "no-cache" };
  assertEquals((await get("/33", { ...headers, "if-none-match": "*" })).status, 304);
  assertEquals((await get("/33", headers, { method: "HEAD" })).status, 200);
  assertEquals(calls, []);
});

Deno.test("GET /n passes on its connection and its deadline when it computes anew", async () => {
  const holding = new HoldingCompute();
  const { get } = fixture({ compute: holding.compute, estimateMs: () => 1 });
  const client = new AbortController();
  const headers = { "cache-control": "no-cache", prefer: "wait=5" };
  const response = get("/33", headers, { signal: client.signal });
  const { options } = await holding.call(0);
  assertEquals([options.fresh, options.deadlineMs], [true, 5_000]);
  client.abort();
  assertEquals((await response).status, 499);
});

Deno.test("GET /n passes on its connection and its deadline", async () => {
  const holding = new HoldingCompute();
  const { get } = fixture({ compute: holding.compute, estimateMs: () => 1 });
  const client = new AbortController();
  const response = get("/33", {}, { signal: client.signal });
  const { options } = await holding.call(0);
  assertEquals(options.deadlineMs, 30_000);
  client.abort();
  assert(options.signal!.aborted);
  assertEquals((await response).status, 499);
});

Deno.test.each([
  ["wait=5", 5000, "wait=5"],
  ["respond-async, wait=5", 5000, "wait=5"],
  ["wait=1", 1000, "wait=1"],
  ["wait=30", 30_000, null],
  ["wait=31", 30_000, null],
  ["wait=soon", 30_000, null],
  ["wait", 30_000, null],
])("GET /n lets Prefer lower the deadline, never raise it: %s", async (prefer, ms, applied) => {
  const holding = new HoldingCompute();
  const response = fixture({ compute: holding.compute }).get("/33", { prefer: String(prefer) });
  const call = await holding.call(0);
  assertEquals(call.options.deadlineMs, ms);
  call.answer();
  assertEquals((await response).headers.get("preference-applied"), applied);
});

Deno.test("GET /n makes its calls in the name of its client, as trusted proxies tell", async () => {
  const compute = new HoldingCompute();
  const { app } = fixture({
    compute: compute.compute,
    trustsProxy: (address) => address === "10.0.0.1",
    isBusy: true,
  });
  const cases = [
    ["10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["198.51.100.7", "203.0.113.9", "198.51.100.7"],
    [undefined, "203.0.113.9", undefined],
  ] as const;
  for (const [index, [hostname, forwarded, group]] of cases.entries()) {
    const request = new Request("http://localhost/33", {
      headers: { "x-forwarded-for": forwarded },
    });
    const info = { completed: Promise.resolve(), remoteAddr: { hostname } };
    const response = app.fetch(request, info);
    const call = await compute.call(index);
    assertEquals(call.options.group, group);
    call.answer();
    assertEquals((await response).status, 200);
  }
});

Deno.test("GET /n answers Prefer: wait=0 with what is there, or with 504 at once", async () => {
  const { get, jobs } = fixture();
  const prefer = { prefer: "wait=0" };
  const late = await get("/33", prefer);
  assertEquals([late.status, jobs.length], [504, 0]);
  const { code, detail } = await problemOf(late);
  assertEquals(code, "deadline-exceeded");
  assertEquals(detail, "No answer is cached, and the request says that it does not wait");
  assertEquals((await get("/sequence", prefer)).status, 504);

  const known = resultOf(33, { cache: "hit" });
  const compute = Object.assign(() => Promise.resolve(known), { find: () => known });
  const found = fixture({ compute });
  assertEquals(await (await found.get("/33", prefer)).text(), "3524578");
  assertEquals((await found.get("/33", { ...prefer, "cache-control": "no-cache" })).status, 504);
});

Deno.test.each<[estimateMs: number, waiting: number | undefined, watched: boolean]>([
  [0, 0, false],
  [0.049, 0, false],
  [0.05, 0, true],
  [10, 0, true],
  // However short: it keeps its place from others.
  [0.01, 1, true],
  [0.01, undefined, true],
])(
  "GET /n watches its client from 0.05 ms of work on, or if it may wait: %d ms behind %d: %s",
  async (estimateMs, waiting, watched) => {
    const holding = new HoldingCompute();
    const client = new AbortController();
    const { get } = fixture({
      compute: holding.compute,
      estimateMs: () => estimateMs,
      isBusy: waiting !== 0,
    });
    const response = get("/33", {}, { signal: client.signal });
    const call = await holding.call(0);
    // Read once: it is made when it is.
    const { signal } = call.options;
    assertEquals(signal instanceof AbortSignal, watched);
    client.abort();
    assertEquals(signal?.aborted ?? false, watched);
    call.answer();
    assertEquals((await response).status, watched ? 499 : 200);
  },
);
