import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ALGORITHM_NAMES } from "../../lib/fibonacci/mod.ts";
import { fixture, IMMUTABLE, problemOf, resultOf } from "./fakes.ts";

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
  assertMatch(detail, /about [\d.]+ hours .* the limit is 30 seconds: use algorithm=fast-doubling/);
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
  assertEquals(detail, `${name} has ${value.length} characters; the limit is 4096`);
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
