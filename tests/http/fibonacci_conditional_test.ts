import { assertEquals } from "@std/assert";
import { fixture, IMMUTABLE, problemOf } from "./fakes.ts";

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
