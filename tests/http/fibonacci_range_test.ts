import { assert, assertEquals } from "@std/assert";
import { digitsOf, fixture, problemOf, resultOf } from "./fakes.ts";

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
