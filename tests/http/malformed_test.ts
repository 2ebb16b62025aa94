import { assert, assertEquals, assertLess } from "@std/assert";
import { fixture, problemOf } from "./fakes.ts";

const NOT_FOUND = [
  "/abc",
  "/-1",
  "/+1",
  "/1.5",
  "/1e3",
  "/0x10",
  "/1_000",
  "/５",
  "/%EF%BC%95",
  "/5/",
  "/5%2F",
  "/5%00",
  "/5%0A",
  "/%205",
  "//",
  "//5",
  "/%",
  "/%zz",
  "/%C0%AF",
  "/%2533",
  "/sequence/",
  "/healthz/x",
  "/favicon.ico",
  "/__proto__",
  "/constructor",
  '/a|b<>"^`{}',
];

Deno.test.each(NOT_FOUND)("GET %s answers 404, for every method", async (path) => {
  const { app, jobs } = fixture();
  for (const method of ["GET", "HEAD", "POST", "OPTIONS", "QUERY"]) {
    const response = await app.fetch(requestTo(`http://localhost${path}`, { method }));
    assertEquals(response.status, 404);
    if (method === "GET") assertEquals((await problemOf(response)).code, "not-found");
  }
  assertEquals(jobs, []);
});

// As Deno.serve makes them of targets that are no path.
Deno.test.each([
  ["CONNECT", "http://localhost:80", 404],
  ["CONNECT", "http://localhost", 404],
  ["OPTIONS", "http://localhost/*", 404],
  ["TRACE", "http://localhost/5", 405],
  ["TRACE", "http://localhost/nope", 404],
  ["GET", "ftp://other/5", 200],
  ["GET", "http://other:99/5?algorithm=naive", 200],
  ["GET", "*", 404],
])("%s %s answers %d", async (method, url, status) => {
  const request = requestTo(String(url), { method: String(method) });
  assertEquals((await fixture().app.fetch(request)).status, status);
});

Deno.test.each(["a b<>", "x/5?", "x:99999", "user@x", "[::1", "x#", "\\x"])(
  "Host: %s answers 400",
  async (host) => {
    const { app, jobs } = fixture();
    const request = requestTo(`http://${host}/33`, { headers: { host } });
    const response = await app.fetch(request);
    assertEquals(response.status, 400);
    assertEquals((await problemOf(response)).code, "bad-host");
    assertEquals(jobs, []);
  },
);

Deno.test.each(["localhost", "example.org:8000", "127.0.0.1", "[::1]:8000", ""])(
  "Host: %s is fine",
  async (host) => {
    const request = requestTo("http://localhost/33", { headers: { host } });
    assertEquals((await fixture().app.fetch(request)).status, 200);
  },
);

Deno.test.each([
  ["accept", "a/b,".repeat(15_000)],
  ["accept", "a".repeat(60_000)],
  ["accept", "a/b;" + "x=1;".repeat(15_000)],
  ["accept", `a/b;x="` + "\\".repeat(60_000)],
  ["if-none-match", "a" + " ".repeat(60_000) + "b"],
  ["if-none-match", ",".repeat(60_000)],
  ["range", "bytes=" + "1".repeat(60_000) + "-"],
  ["prefer", "wait" + " ".repeat(60_000) + "x"],
  ["prefer", "wait=" + "9".repeat(60_000)],
  ["x-request-id", "a".repeat(60_000)],
])("a 60 kB header costs milliseconds: %s", async (name, value) => {
  const { get } = fixture();
  const before = performance.now();
  const response = await get("/33", { [name]: value });
  // The least that a quadratic step takes on it is 1,000.
  assertLess(performance.now() - before, 300);
  assertLess(response.status, 500);
});

Deno.test.each(["?", "?&", "?&&&"])("GET /5%s is /5: there is no parameter", async (query) => {
  const response = await fixture().get(`/5${query}`);
  assertEquals([response.status, await response.text()], [200, "5"]);
});

Deno.test.each(["?%", "?&&==&", "?__proto__=1&constructor=2", "?%61=%zz", "?ALGORITHM=x"])(
  "GET /5%s is 400: nobody knows what it means",
  async (query) => {
    assertEquals((await fixture().get(`/5${query}`)).status, 400);
  },
);

Deno.test.each([
  ["letters", "/" + "a".repeat(60_000), 404],
  ["encoded letters", "/" + "%41".repeat(20_000), 404],
  ["broken encoding", "/" + "%zz".repeat(20_000), 404],
  ["encoded digits", "/" + "%30".repeat(20_000), 200],
  ["query", "/5?" + "a=b&".repeat(15_000), 414],
  ["broken query", "/5?" + "%41=%zz&".repeat(8_000), 414],
])("a 60 kB target costs milliseconds: %s", async (_, target, status) => {
  const before = performance.now();
  assertEquals((await fixture().get(target)).status, status);
  assertLess(performance.now() - before, 300);
});

Deno.test("a path that is at another port is none for any method", async () => {
  const { fetch } = fixture().app;
  const info = { completed: Promise.resolve(), withoutOperator: true };
  for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
    const statuses = ["/metrics", "/assets/a.js", "/33"].map(async (path) =>
      (await fetch(new Request(`http://localhost${path}`, { method }), info)).status
    );
    const [metrics, asset, number] = await Promise.all(statuses);
    assertEquals([method, metrics, asset, number === 404], [method, 404, 404, false]);
  }
});

Deno.test("every path answers 405 with Allow to other methods, and 204 to OPTIONS", async () => {
  const { app, get } = fixture();
  const paths = app.routes.map(({ path }) =>
    path.replace(/^\/:n.*/, "/33").replace(":name", "x.js")
  );
  assert(paths.length > 1);
  for (const path of paths) {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "QUERY", "foo"]) {
      const response = await get(path, {}, { method });
      assertEquals([path, response.status], [path, 405]);
      assertEquals(response.headers.get("allow"), "GET, HEAD, OPTIONS");
      assertEquals((await problemOf(response)).code, "method-not-allowed");
    }
    const response = await get(path, {}, { method: "OPTIONS" });
    assertEquals([path, response.status], [path, 204]);
    assertEquals(response.headers.get("allow"), "GET, HEAD, OPTIONS");
    assertEquals(response.body, null);
  }
});

Deno.test("the text of a route's pattern is no path of it", async () => {
  const { app, get } = fixture();
  const patterns = app.routes.map(({ path }) => path).filter((path) => path.includes(":"));
  assert(patterns.length > 1);
  for (const pattern of patterns) {
    for (const path of [pattern, pattern.replace("{", "%7B").replace("[", "%5B")]) {
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        assertEquals([path, method, (await get(path, {}, { method })).status], [path, method, 404]);
      }
    }
  }
});

/** A request as Deno.serve hands over: the URL as it came, and methods that `new Request` refuses. */
function requestTo(url: string, { method = "GET", headers }: RequestInit): Request {
  return Object.create(new Request("http://localhost", { headers }), {
    url: { value: url },
    method: { value: method },
    headers: { value: new Headers(headers) },
    signal: { value: new AbortController().signal },
  });
}
