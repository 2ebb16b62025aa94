import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { FibonacciJob } from "../../lib/compute/mod.ts";
import { ALGORITHM_NAMES } from "../../lib/fibonacci/mod.ts";
import type { BackendCallOptions } from "../../lib/pool/mod.ts";
import { type Compute, digitsOf, fixture, HoldingCompute, problemOf, resultOf } from "./fakes.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";

Deno.test("GET /n answers the digits alone as text", async () => {
  const response = await fixture().get("/33");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(await response.text(), "3524578");
});

Deno.test("GET /n says how it may be cached and where its time went", async () => {
  const { headers } = await fixture().get("/33");
  assertEquals(headers.get("cache-control"), IMMUTABLE);
  assertEquals(headers.get("vary"), "Accept, Accept-Encoding");
  assertEquals(headers.get("accept-ranges"), "bytes");
  assertEquals(headers.get("etag"), '"33.text"');
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("server-timing"), "cache;desc=miss, queue;dur=0.5, compute;dur=1.25");
});

Deno.test("GET /n says which worker answered, if one did", async () => {
  const part = { worker: 3, transferMs: 0.12345 };
  const { get } = fixture({ compute: ({ n }) => Promise.resolve(resultOf(n, part)) });
  assertEquals(
    (await get("/33")).headers.get("server-timing"),
    "cache;desc=miss, queue;dur=0.5, compute;dur=1.25, transfer;dur=0.123, worker;desc=3",
  );
});

Deno.test.each(["hit", "shared", "miss", "bypass", "off"] as const)(
  "GET /n tells the cache's part: %s",
  async (cache) => {
    const { get } = fixture({ compute: ({ n }) => Promise.resolve(resultOf(n, { cache })) });
    const response = await get("/33");
    assertStringIncludes(response.headers.get("server-timing")!, `cache;desc=${cache},`);
  },
);

Deno.test("GET /n answers JSON whose body follows from the URL alone", async () => {
  const response = await fixture().get("/33?algorithm=naive", { accept: "application/json" });
  assertEquals(response.headers.get("content-type"), "application/json; charset=utf-8");
  const body = await response.text();
  assertEquals(body, `{"n":33,"value":"3524578","digits":7,"algorithm":"naive"}`);
});

Deno.test("GET /n answers text to a browser", async () => {
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const response = await fixture().get("/33", { accept });
  assertEquals(await response.text(), "3524578");
});

Deno.test("GET /n answers 406 with the types there are, and computes nothing", async () => {
  const { get, jobs } = fixture();
  const response = await get("/33", { accept: "image/png, text/plain;q=0" });
  assertEquals(response.status, 406);
  const { code, detail } = await problemOf(response);
  assertEquals(code, "not-acceptable");
  assertStringIncludes(detail, "text/plain and application/json");
  assertEquals(jobs, []);
});

Deno.test("GET /n computes by the algorithm asked for, or the configured one", async () => {
  const { get, jobs } = fixture({ algorithm: "iterative" });
  await get("/5");
  await get("/5?algorithm=naive");
  await get("/5?algorithm=fast-doubling");
  assertEquals(jobs.map((job) => job.algorithm), ["iterative", "naive", "fast-doubling"]);
});

Deno.test.each(["quick", "", "Naive", "toString", "naive%00"])(
  "GET /n answers 400 with what is allowed to algorithm=%s",
  async (value) => {
    const { get, jobs } = fixture();
    const response = await get(`/5?algorithm=${value}`);
    assertEquals(response.status, 400);
    assertStringIncludes((await problemOf(response)).detail, ALGORITHM_NAMES.join(", "));
    assertEquals(jobs, []);
  },
);

Deno.test("GET /n takes a repeated algorithm only if it is the same", async () => {
  const { get } = fixture();
  assertEquals((await get("/5?algorithm=naive&algorithm=naive")).status, 200);
  const response = await get("/5?algorithm=naive&algorithm=iterative");
  assertEquals(response.status, 400);
  assertEquals((await problemOf(response)).code, "repeated-parameter");
});

Deno.test("GET /007 is /7", async () => {
  const { get, jobs } = fixture();
  const [padded, plain] = [await get("/007"), await get("/7")];
  assertEquals(await padded.text(), await plain.text());
  assertEquals([...padded.headers], [...plain.headers]);
  assertEquals(jobs[0], jobs[1]);
  assertEquals(await (await get(`/${"0".repeat(60_000)}`)).text(), "0");
});

Deno.test("GET /%33 is /3, as RFC 3986 has it", async () => {
  assertEquals(await (await fixture().get("/%33")).text(), "2");
});

Deno.test.each(["1000001", "99999999999999999999", "0001000001"])(
  "GET /n answers 422 with the limit to an n over it: %s",
  async (n) => {
    const { get, jobs } = fixture();
    for (const method of ["GET", "HEAD"]) {
      assertEquals((await get(`/${n}`, {}, { method })).status, 422);
    }
    assertStringIncludes((await problemOf(await get(`/${n}`))).detail, "at most 1000000");
    assertEquals(jobs, []);
  },
);

Deno.test("GET /n takes an n at the limit", async () => {
  const { get } = fixture({ maxN: 100 });
  assertEquals((await get("/100")).status, 200);
  assertEquals((await get("/101")).status, 422);
  assertEquals((await get(`/${"9".repeat(60_000)}`)).status, 422);
});

Deno.test("GET /n answers 422 with the estimate and what to use instead", async () => {
  const { get, jobs } = fixture();
  const response = await get("/60?algorithm=naive");
  assertEquals(response.status, 422);
  const { code, detail } = await problemOf(response);
  assertEquals(code, "infeasible");
  assertMatch(detail, /about \d+ hours .* may take 30 seconds: use algorithm=fast-doubling/);
  assertEquals(jobs, []);
});

Deno.test("GET /n answers 422 to an n the algorithm is not meant for", async () => {
  const { get } = fixture({ estimateMs: () => 1 });
  const { detail } = await problemOf(await get("/79?algorithm=naive"));
  assertEquals(detail, "naive goes up to n = 78: use algorithm=fast-doubling");
});

Deno.test("GET /n advises a smaller n where no algorithm would do", async () => {
  const { get } = fixture({ deadlineMs: 1 });
  const { detail } = await problemOf(await get("/1000000"));
  assertStringIncludes(detail, "use a smaller n");
});

Deno.test.each(['"33.text"', '"x", W/"33.text"', "*", '"x" ,"33.text"'])(
  "GET /n answers 304 to a matching If-None-Match: %s",
  async (tag) => {
    const { get, jobs } = fixture();
    const response = await get("/33", { "if-none-match": tag });
    assertEquals(response.status, 304);
    assertEquals(response.headers.get("etag"), '"33.text"');
    assertEquals(response.headers.get("cache-control"), IMMUTABLE);
    assertEquals(response.headers.get("vary"), "Accept, Accept-Encoding");
    assertEquals(await response.text(), "");
    assertEquals(jobs, []);
  },
);

Deno.test.each(['"34.text"', "33.text", '"33.naive.json"', '"*"', ""])(
  "GET /n answers 200 to another If-None-Match: %s",
  async (tag) => {
    assertEquals((await fixture().get("/33", { "if-none-match": tag })).status, 200);
  },
);

Deno.test("GET /n has an entity tag for each representation, and one for the same bytes", async () => {
  const { get } = fixture();
  const tag = async (path: string, accept = "text/plain") =>
    (await get(path, { accept })).headers.get("etag");
  assertEquals(await tag("/33?algorithm=naive"), await tag("/33?algorithm=iterative"));
  const tags = [
    await tag("/33"),
    await tag("/34"),
    await tag("/33", "application/json"),
    await tag("/33?algorithm=naive", "application/json"),
  ];
  assertEquals(new Set(tags).size, tags.length);
});

Deno.test.each([["/1000", "text/plain"], ["/1000", "application/json"], ["/0", "text/plain"]])(
  "HEAD %s has the headers of GET (%s), and computes nothing",
  async (path, accept) => {
    const { get, jobs } = fixture();
    const head = await get(path, { accept }, { method: "HEAD" });
    assertEquals(head.status, 200);
    assertEquals(await head.text(), "");
    assertEquals(jobs, []);

    const response = await get(path, { accept });
    const { headers } = response;
    headers.delete("server-timing");
    // The runtime counts what it sends.
    headers.set("content-length", String((await response.bytes()).length));
    assertEquals([...head.headers], [...headers]);
  },
);

Deno.test("HEAD /n ignores a Range, and minds If-None-Match", async () => {
  const { get } = fixture();
  const method = "HEAD";
  const ranged = await get("/33", { range: "bytes=100-" }, { method });
  assertEquals([ranged.status, ranged.headers.get("content-length")], [200, "7"]);
  assertEquals((await get("/33", { "if-none-match": "*" }, { method })).status, 304);
});

Deno.test.each([
  ["bytes=1-3", "524", "1-3/7"],
  ["bytes=4-", "578", "4-6/7"],
  ["bytes=-2", "78", "5-6/7"],
  ["bytes=-100", "3524578", "0-6/7"],
  ["bytes=0-100", "3524578", "0-6/7"],
])("GET /n answers 206 to Range: %s", async (range, part, contentRange) => {
  const response = await fixture().get("/33", { range });
  assertEquals(response.status, 206);
  assertEquals(response.headers.get("content-range"), `bytes ${contentRange}`);
  assertEquals(response.headers.get("etag"), '"33.text"');
  assert(response.headers.has("server-timing"));
  assertEquals(await response.text(), part);
});

Deno.test("GET /n answers 206 with a part of the JSON", async () => {
  const response = await fixture().get("/33", { accept: "application/json", range: "bytes=-3" });
  assertEquals(await response.text(), `g"}`);
});

Deno.test.each(["bytes=7-", "bytes=-0"])(
  "GET /n answers 416 to an unsatisfiable Range, and computes nothing: %s",
  async (range) => {
    const { get, jobs } = fixture();
    const response = await get("/33", { range });
    assertEquals(response.status, 416);
    assertEquals(response.headers.get("content-range"), "bytes */7");
    assertEquals((await problemOf(response)).code, "range-not-satisfiable");
    assertEquals(jobs, []);
  },
);

Deno.test.each(["bytes=0-1,3-4", "bytes=3-1", "bytes=-", "bytes=a-b", "lines=0-1", "0-1", ""])(
  "GET /n answers 200 to a Range it does not honour: %s",
  async (range) => {
    const response = await fixture().get("/33", { range });
    assertEquals([response.status, await response.text()], [200, "3524578"]);
  },
);

Deno.test("GET /n honours a Range only if If-Range is the same strong tag", async () => {
  const { get } = fixture();
  const statusWith = async (tag: string) =>
    (await get("/33", { range: "bytes=0-0", "if-range": tag })).status;
  assertEquals(await statusWith('"33.text"'), 206);
  assertEquals(await statusWith('W/"33.text"'), 200);
  assertEquals(await statusWith("Sun, 06 Nov 1994 08:49:37 GMT"), 200);
});

Deno.test("GET /n leaves the digits it was handed as they are", async () => {
  const digits = digitsOf(33);
  const { get } = fixture({ compute: () => Promise.resolve(resultOf(33, { digits })) });
  await (await get("/33")).text();
  await (await get("/33", { range: "bytes=1-3" })).text();
  assertEquals(digits, digitsOf(33));
});

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
  assertEquals(detail, "The answer is not there yet, and the client does not wait for it");
  assertEquals((await get("/sequence", prefer)).status, 504);

  const known = resultOf(33, { cache: "hit" });
  const compute = Object.assign(() => Promise.resolve(known), { find: () => known });
  const found = fixture({ compute });
  assertEquals(await (await found.get("/33", prefer)).text(), "3524578");
  assertEquals((await found.get("/33", { ...prefer, "cache-control": "no-cache" })).status, 504);
});

Deno.test.each<[name: string, ifMatch: string, status: number]>([
  ["another tag", '"x"', 412],
  ["its own tag", '"33.text"', 200],
  ["its own among others", '"x", "33.text"', 200],
  ["its own, weak", 'W/"33.text"', 412],
  ["the tag of the other format", '"33.fast-doubling.json"', 412],
  ["any", "*", 200],
  ["nothing", "", 412],
])("GET /n takes If-Match by strong comparison: %s", async (_, ifMatch, status) => {
  const { get, jobs } = fixture();
  for (const method of ["GET", "HEAD"]) {
    assertEquals((await get("/33", { "if-match": ifMatch }, { method })).status, status);
  }
  assertEquals(jobs.length, status === 200 ? 1 : 0);
  // It comes before If-None-Match.
  const both = await get("/33", { "if-match": ifMatch, "if-none-match": '"33.text"' });
  assertEquals(both.status, status === 200 ? 304 : 412);
});

Deno.test.each(["/healthz", "/readyz", "/metrics", "/openapi.json", "/sequence", "/events", "/"])(
  '%s has no entity tag, and answers If-Match: "x" with 412',
  async (path) => {
    const { get } = fixture();
    const response = await get(path, { "if-match": '"x"' });
    assertEquals(response.status, 412);
    assertEquals((await problemOf(response)).code, "precondition-failed");
    const any = await get(path, { "if-match": "*" });
    assertEquals(any.status, 200);
    await any.body?.cancel();
  },
);

Deno.test.each<[name: string, value: string]>([
  ["accept", ",".repeat(64_000)],
  ["accept-encoding", "gzip,".repeat(12_800)],
  ["if-none-match", '"x",'.repeat(10_000)],
  ["if-match", '"x",'.repeat(10_000)],
  ["range", `bytes=${"0".repeat(5_000)}-`],
  ["prefer", "wait=1,".repeat(1_000)],
  ["cache-control", "no-store,".repeat(1_000)],
])("GET /n answers 431 to a header that is too long to be read: %s", async (name, value) => {
  const { get, jobs } = fixture();
  const response = await get("/10000", { [name]: value });
  assertEquals([response.status, jobs.length], [431, 0]);
  const { code, detail } = await problemOf(response);
  assertEquals(code, "header-too-large");
  assertEquals(detail, `${name} has ${value.length} characters, and may have 4096`);
});

Deno.test("GET /n answers 400 to a parameter that it doesn't know, and lists those it does", async () => {
  const { get, jobs } = fixture();
  for (
    const [path, name, allowed] of [
      ["/33?algo=naive", "algo", "algorithm"],
      ["/33?algorithm=naive&from=1", "from", "algorithm"],
      ["/33?__proto__=1", "__proto__", "algorithm"],
      ["/33?=", "", "algorithm"],
      ["/sequence?algo=naive", "algo", "from, count, algorithm"],
    ]
  ) {
    const response = await get(path);
    assertEquals([path, response.status], [path, 400]);
    const { code, detail } = await problemOf(response);
    assertEquals(code, "unknown-parameter");
    assertEquals(detail, `No parameter is called ${JSON.stringify(name)}: use ${allowed}`);
  }
  assertEquals(jobs, []);
});

Deno.test("GET /n answers 414 to a query that is too long to be read", async () => {
  const { get, jobs } = fixture();
  for (const path of [`/33?${"a=b&".repeat(2_000)}`, `/sequence?${"%41=%zz&".repeat(8_000)}`]) {
    const response = await get(path);
    assertEquals([response.status, (await problemOf(response)).code], [414, "query-too-long"]);
  }
  assertEquals(jobs, []);
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
