// Compressed answers, as HTTP sees them.

import { assert, assertEquals } from "@std/assert";
import { compress } from "../../lib/hono/compress.ts";
import { surround } from "../../lib/compute/job.ts";
import { createApp } from "../../lib/http/app.ts";
import { decoded } from "../compute/decoded.ts";
import { backendOf, type Compute, digitsOf, fixture, HoldingCompute, resultOf } from "./fakes.ts";

/** The least n whose answer is compressed: it has a thousand digits. */
const LONG = 4_782;
const CODINGS = ["gzip", "br"] as const;

/** Compresses what it is asked to, as a worker does. */
const compressing: Compute = ({ n, encoding }) => {
  if (!encoding) return Promise.resolve(resultOf(n));
  const { coding, before, after } = encoding;
  const digits = compress(coding, surround(before, digitsOf(n), after));
  return Promise.resolve(resultOf(n, { digits }));
};

const compressed = () => fixture({ compute: compressing });

/** The body without a coding. */
async function plain(accept: string): Promise<string> {
  return await (await compressed().get(`/${LONG}`, { accept })).text();
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer());
}

Deno.test.each(CODINGS)("GET /n answers %s when it is asked to", async (coding) => {
  const { get, jobs } = compressed();
  const response = await get(`/${LONG}`, { "accept-encoding": coding });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-encoding"), coding);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(response.headers.get("vary"), "Accept, Accept-Encoding");
  assertEquals(await decoded(coding, await bytesOf(response)), await plain("text/plain"));
  assertEquals(jobs[0].encoding, { coding, before: "", after: "" });
});

Deno.test.each(CODINGS)("GET /n answers JSON in %s, the same as without", async (coding) => {
  const accept = "application/json";
  const response = await compressed().get(`/${LONG}`, { accept, "accept-encoding": coding });
  assertEquals(response.headers.get("content-encoding"), coding);
  assertEquals(response.headers.get("content-type"), "application/json; charset=utf-8");
  assertEquals(await decoded(coding, await bytesOf(response)), await plain(accept));
});

Deno.test("GET /n compresses from a thousand digits on", async () => {
  const { get } = compressed();
  for (const accept of ["text/plain", "application/json"]) {
    for (const [n, coding] of [[0, null], [LONG - 1, null], [LONG, "gzip"]]) {
      const { headers } = await get(`/${n}`, { accept, "accept-encoding": "gzip" });
      assertEquals(headers.get("content-encoding"), coding);
      // Also where there is only one form: whoever caches it can't know.
      assertEquals(headers.get("vary"), "Accept, Accept-Encoding");
    }
  }
});

Deno.test("GET /n compresses up to ten million digits", async () => {
  const { get } = fixture({ maxN: 1e9, estimateMs: () => 1 });
  const codingOf = async (n: number) => {
    const headers = { "accept-encoding": "gzip" };
    const head = await get(`/${n}`, headers, { method: "HEAD" });
    return head.headers.get("content-encoding");
  };
  // 9.8 and 10.03 million.
  assertEquals([await codingOf(47_000_000), await codingOf(48_000_000)], ["gzip", null]);
});

Deno.test("GET /n offers ranges of what is not compressed, and of nothing else", async () => {
  const { get } = compressed();
  for (const method of ["GET", "HEAD"]) {
    for (const [coding, ranges] of [["identity", "bytes"], ["gzip", null], ["br", null]] as const) {
      const headers = { "accept-encoding": coding };
      const response = await get(`/${LONG}`, headers, { method });
      assertEquals(response.headers.get("accept-ranges"), ranges, `${method} ${coding}`);
      await response.body?.cancel();
    }
    const part = await get(`/${LONG}`, { range: "bytes=0-9", "accept-encoding": "gzip" });
    assertEquals([part.status, part.headers.get("accept-ranges")], [206, "bytes"]);
    await part.body?.cancel();
  }
});

Deno.test("GET /n compresses nothing for a client that asks for nothing", async () => {
  const { get, jobs } = compressed();
  const headers = [{}, { "accept-encoding": "" }, { "accept-encoding": "identity, deflate" }];
  for (const each of headers) {
    const response = await get(`/${LONG}`, each as HeadersInit);
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals((await response.text()).length, 1_000);
  }
  assert(jobs.every(({ encoding }) => encoding === undefined));
});

Deno.test.each(["bytes=0-9", "bytes=-10", "lines=0-1", ""])(
  "GET /n compresses no answer to a request with Range: %s",
  async (range) => {
    const { get, jobs } = compressed();
    const response = await get(`/${LONG}`, { range, "accept-encoding": "gzip" });
    assertEquals(response.headers.get("content-encoding"), null);
    const isPart = /^bytes/.test(range);
    assertEquals(response.status, isPart ? 206 : 200);
    assertEquals((await response.text()).length, isPart ? 10 : 1_000);
    assertEquals(response.headers.get("etag"), `"${LONG}.text"`);
    assertEquals(jobs[0].encoding, undefined);
  },
);

Deno.test("GET /n sends the plain whole where If-Range names a compressed form", async () => {
  const { get } = compressed();
  const headers = { range: "bytes=0-9", "if-range": `"${LONG}.text.gzip"` };
  const response = await get(`/${LONG}`, { ...headers, "accept-encoding": "gzip" });
  assertEquals([response.status, response.headers.get("content-encoding")], [200, null]);
  assertEquals((await response.text()).length, 1_000);
});

Deno.test("GET /n has an entity tag for each coding, which is the same for HEAD and 304", async () => {
  const { get } = compressed();
  for (const accept of ["text/plain", "application/json"]) {
    const tags = new Set<string>();
    for (const coding of ["identity", ...CODINGS]) {
      const headers = { accept, "accept-encoding": coding };
      const etag = (await get(`/${LONG}`, headers)).headers.get("etag")!;
      tags.add(etag);
      const head = await get(`/${LONG}`, headers, { method: "HEAD" });
      assertEquals(head.headers.get("etag"), etag);
      const same = await get(`/${LONG}`, { ...headers, "if-none-match": etag });
      assertEquals([same.status, same.headers.get("etag")], [304, etag]);
    }
    assertEquals(tags.size, 3);
  }
});

Deno.test("GET /n answers 304 only to the entity tag of the coding it would send", async () => {
  const { get, jobs } = compressed();
  const tagOf = (coding: string) =>
    coding === "identity" ? `"${LONG}.text"` : `"${LONG}.text.${coding}"`;
  const codings = ["identity", ...CODINGS];
  for (const asked of codings) {
    for (const known of codings) {
      const before = jobs.length;
      const { status } = await get(`/${LONG}`, {
        "accept-encoding": asked,
        "if-none-match": tagOf(known),
      });
      assertEquals(status, asked === known ? 304 : 200, `${asked} for one who has ${known}`);
      assertEquals(jobs.length - before, asked === known ? 0 : 1);
    }
    const any = codings.map(tagOf).join(", ");
    const { status } = await get(`/${LONG}`, { "accept-encoding": asked, "if-none-match": any });
    assertEquals(status, 304);
  }
});

Deno.test("GET /n below a thousand digits has one entity tag, whatever coding is asked for", async () => {
  const { get } = compressed();
  for (const coding of ["identity", ...CODINGS]) {
    const { headers } = await get("/33", { "accept-encoding": coding });
    assertEquals(headers.get("etag"), '"33.text"');
  }
});

Deno.test.each(CODINGS)(
  "HEAD /n with %s has GET's headers but for the length, which nobody knows",
  async (coding) => {
    const { get, jobs } = compressed();
    const headers = { "accept-encoding": coding };
    const head = await get(`/${LONG}`, headers, { method: "HEAD" });
    assertEquals([head.status, jobs.length, await head.text()], [200, 0, ""]);
    assertEquals(head.headers.get("content-encoding"), coding);
    assertEquals(head.headers.get("content-length"), null);
    const got = await get(`/${LONG}`, headers);
    for (const [name, value] of head.headers) assertEquals(got.headers.get(name), value, name);
    await got.body!.cancel();
  },
);

Deno.test("HEAD /n with Range has the plain length, whatever coding is asked for", async () => {
  const headers = { range: "bytes=0-9", "accept-encoding": "gzip" };
  const head = await compressed().get(`/${LONG}`, headers, { method: "HEAD" });
  assertEquals(head.headers.get("content-encoding"), null);
  assertEquals(head.headers.get("content-length"), "1000");
});

Deno.test("GET /n answers from the cache what it finds, by coding", async () => {
  const found: (string | undefined)[] = [];
  const holding = new HoldingCompute();
  const compute = Object.assign(holding.compute, {
    find: ({ n, encoding }: Parameters<Compute>[0]) => {
      found.push(encoding?.coding);
      return encoding?.coding === "br"
        ? resultOf(n, { digits: new Uint8Array([1, 2, 3]), cache: "hit" })
        : undefined;
    },
  });
  const app = createApp({
    backend: backendOf(compute),
    estimateMs: () => 1,
    maxN: 10_000,
    deadlineMs: 1_000,
    algorithm: "iterative",
  });
  const get = (coding: string) =>
    app.fetch(
      new Request(`http://localhost/${LONG}`, { headers: { "accept-encoding": coding } }),
    );
  const hit = get("br");
  // There at once, without a promise.
  assert(hit instanceof Response);
  assertEquals(hit.headers.get("content-encoding"), "br");
  assertEquals(await bytesOf(hit), new Uint8Array([1, 2, 3]));
  assertEquals(holding.calls.length, 0);
  const miss = get("gzip");
  (await holding.call(0)).answer();
  assertEquals((await miss).headers.get("content-encoding"), "gzip");
  assertEquals(found, ["br", "gzip"]);
});

Deno.test("GET /n leaves bytes as they are that it was handed compressed", async () => {
  const digits = compress("gzip", digitsOf(LONG));
  const before = digits.slice();
  const { get } = fixture({
    compute: ({ n }) => Promise.resolve(resultOf(n, { digits })),
  });
  for (const accept of ["text/plain", "application/json"]) {
    const response = await get(`/${LONG}`, { accept, "accept-encoding": "gzip" });
    assertEquals(await bytesOf(response), before);
  }
  assertEquals(digits, before);
});
