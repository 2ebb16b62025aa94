// The dashboard, as HTTP sees it.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { kept } from "../../lib/hono/page.ts";
import { type Page, readPage } from "../../lib/http/page.ts";
import { configureLog } from "../../lib/log.ts";
import { fakePage, fixture, problemOf } from "./fakes.ts";

configureLog("error", () => {});

const built = (page: Page = fakePage()) => fixture({ page: () => Promise.resolve(page) });

Deno.test("GET / answers the dashboard, which is isolated and loads nothing from elsewhere", async () => {
  const { status, headers } = await built().get("/");
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(headers.get("cross-origin-opener-policy"), "same-origin");
  assertEquals(headers.get("cross-origin-embedder-policy"), "require-corp");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  const policy = headers.get("content-security-policy")!;
  assertMatch(policy, /^default-src 'none';/);
  assert(!/unsafe|https?:|\*/.test(policy), policy);
});

Deno.test("GET / is asked for again each time, and answered 304 while it is the same", async () => {
  const { get } = built();
  const { headers } = await get("/");
  assertEquals(headers.get("cache-control"), "no-cache");
  const etag = headers.get("etag")!;
  const same = await get("/", { "if-none-match": etag });
  assertEquals([same.status, same.body, same.headers.get("etag")], [304, null, etag]);
  const other = await built(fakePage("other")).get("/", { "if-none-match": etag });
  assertEquals(other.status, 200);
});

Deno.test("each form of the page has an entity tag of its own", async () => {
  const codings = ["identity", "gzip", "br"];
  const tags = await Promise.all(codings.map(async (coding) => {
    const { headers } = await built().get("/", { "accept-encoding": coding });
    return headers.get("etag");
  }));
  assertEquals(new Set(tags).size, 3);
});

Deno.test.each(
  [
    ["gzip, deflate, br, zstd", "br", ".br"],
    ["gzip", "gzip", ".gz"],
    ["br;q=0.1, gzip", "gzip", ".gz"],
    ["identity", null, ""],
    ["", null, ""],
  ] as const,
)(
  "page and assets go as they were compressed: %s is answered %s",
  async (accept, coding, ending) => {
    for (const [path, file] of [["/", "page.html"], ["/assets/page-1.js", "assets/page-1.js"]]) {
      const response = await built().get(path, { "accept-encoding": accept });
      assertEquals(response.headers.get("content-encoding"), coding);
      assertEquals(response.headers.get("vary"), "Accept-Encoding");
      assertEquals(response.headers.get("content-length"), String(file.length + ending.length));
      assertEquals(await response.text(), file + ending);
    }
  },
);

Deno.test("what was built without a compressed form goes as it is", async () => {
  const { files } = fakePage();
  const page = { files: new Map([...files].filter(([path]) => !/map\./.test(path))), tag: "tag" };
  const response = await built(page).get("/assets/page-1.js.map", { "accept-encoding": "br" });
  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(await response.text(), "assets/page-1.js.map");
});

Deno.test.each(
  [
    ["page-1.js", "text/javascript; charset=utf-8"],
    ["page-1.css", "text/css; charset=utf-8"],
    ["page-1.js.map", "application/json"],
  ] as const,
)("GET /assets/%s is %s, and never changes", async (name, type) => {
  const { status, headers } = await built().get(`/assets/${name}`);
  assertEquals([status, headers.get("content-type")], [200, type]);
  assertEquals(headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
  assertEquals(headers.get("x-content-type-options"), "nosniff");
});

Deno.test("a worker is isolated as the page is, and may compile WebAssembly and nothing else", async () => {
  const { headers } = await built().get("/assets/page-1.js");
  assertEquals(headers.get("cross-origin-embedder-policy"), "require-corp");
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
  assertEquals(headers.get("content-security-policy"), policy);
});

Deno.test("GET /assets/ has what the page loads and nothing else", async () => {
  const names = ["nope.js", "page-1.js.br", "..%2fpage.html", "%2e%2e%2fpage.html", "constructor"];
  for (const name of names) {
    const { status, code } = await problemOf(await built().get(`/assets/${name}`));
    assertEquals([name, status, code], [name, 404, "not-found"]);
  }
  assertEquals((await fixture().get("/assets/page-1.js")).status, 404);
});

Deno.test("HEAD has GET's headers", async () => {
  for (const path of ["/", "/assets/page-1.js"]) {
    const [head, get] = await Promise.all(
      ["HEAD", "GET"].map((method) => built().get(path, { "accept-encoding": "br" }, { method })),
    );
    assertEquals([...head.headers], [...get.headers]);
    assertEquals([head.status, head.body], [200, null]);
    await get.body?.cancel();
  }
});

Deno.test("page and assets are there while the service drains", async () => {
  const { app, get } = built();
  app.drain();
  for (const path of ["/", "/assets/page-1.js"]) assertEquals((await get(path)).status, 200);
});

Deno.test("the page is read when somebody wants it, until there is one, and then kept", async () => {
  const found = [undefined, fakePage()];
  let reads = 0;
  const { get } = fixture({ page: () => Promise.resolve(found[reads++]) });
  await get("/33");
  assertEquals(reads, 0);
  assertMatch(await (await get("/")).text(), /deno task build/);
  assertEquals(reads, 1);
  for (let i = 0; i < 3; i++) assertEquals(await (await get("/")).text(), "page.html");
  assertEquals(reads, 2);
});

Deno.test("kept() asks once for all who want it at once, and again after a failure", async () => {
  const asked: PromiseWithResolvers<Page | undefined>[] = [];
  const source = kept(() => {
    asked.push(Promise.withResolvers());
    return asked.at(-1)!.promise;
  });
  const failing = [source(), source()];
  asked[0].reject(new Error("disk"));
  for (const promise of failing) await assertRejects(() => promise, Error, "disk");
  const page = fakePage();
  const [first, second] = [source(), source()];
  asked[1].resolve(page);
  assertEquals(await Promise.all([first, second, source()]), [page, page, page]);
  assertEquals(asked.length, 2);
});

Deno.test("a page that can't be read is a 500, and everything else goes on", async () => {
  const { get } = fixture({ page: () => Promise.reject(new Error("disk")) });
  assertEquals((await problemOf(await get("/"))).status, 500);
  assertEquals((await get("/33")).status, 200);
});

Deno.test("readPage() reads what the manifest names; equal pages have equal tags", async () => {
  const folder: Record<string, string> = {
    "manifest.json": `["page.html", "assets/page-1.js"]`,
    "page.html": "<p>",
    "assets/page-1.js": "1",
  };
  const read = (path: string) => Promise.resolve(new TextEncoder().encode(folder[path]));
  const page = await readPage(read);
  assertEquals([...page.files.keys()], ["page.html", "assets/page-1.js"]);
  assertEquals(new TextDecoder().decode(page.files.get("page.html")), "<p>");
  assertEquals((await readPage(read)).tag, page.tag);
  folder["page.html"] = "<b>";
  assert((await readPage(read)).tag !== page.tag);
});
