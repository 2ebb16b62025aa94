import { assert, assertEquals } from "@std/assert";
import { DeadlineExceededError, OverloadedError, type PoolStats } from "../../lib/pool/mod.ts";
import { OPENAPI } from "../../lib/http/openapi.ts";
import { configureLog } from "../../lib/log.ts";
import { fakePage, fixture, poolStats } from "./fakes.ts";

configureLog("error", () => {});

Deno.test("GET /openapi.json answers the document", async () => {
  const response = await fixture().get("/openapi.json");
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(await response.json(), JSON.parse(JSON.stringify(OPENAPI)));
});

Deno.test("the API document and the routes name the same paths and methods", () => {
  const routes = fixture().app.routes.map(({ method, path }) =>
    `${method} ${path.replace(/:(\w+)(\{.*\})?/, "{$1}")}`
  );
  const documented = Object.entries(OPENAPI.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assertEquals(routes.sort(), documented.sort());
});

Deno.test("the API document's references lead somewhere", () => {
  for (const [, path] of JSON.stringify(OPENAPI).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    assert(path.split("/").reduce<unknown>((node, key) => (node as never)?.[key], OPENAPI), path);
  }
});

Deno.test("the API document lists the statuses that occur", async () => {
  const occurring: Record<string, Set<number>> = {};
  const failures = [null, new OverloadedError("", 1), new DeadlineExceededError(1), new Error()];
  const states: PoolStats["state"][] = ["open", "failing"];
  for (const [path, headers] of requests()) {
    const documented = path.replace(/\?.*/, "").replace(
      /^\/(\w+)$/,
      (whole, name) => /^\d|^abc/.test(name) ? "/{n}" : whole,
    ).replace(/^\/assets\/.*/, "/assets/{name}");
    const statuses = occurring[documented] ??= new Set();
    for (const failure of failures) {
      for (const state of states) {
        const { app, get } = fixture({
          stats: () => ({ pool: poolStats(["idle"], { state }), cache: null }),
          page: () => Promise.resolve(fakePage()),
          ...(failure && { compute: () => Promise.reject(failure) }),
        });
        for (const drain of [false, true]) {
          if (drain) app.drain();
          const response = await get(path, headers);
          await response.body?.cancel();
          statuses.add(response.status);
        }
      }
    }
  }
  for (const [path, { get }] of Object.entries(OPENAPI.paths)) {
    const expected = Object.keys(get.responses).map(Number);
    assertEquals([path, ...[...occurring[path]].sort()], [path, ...expected]);
  }
});

/** At least one request for each status of each path. */
function* requests(): Generator<[path: string, headers: HeadersInit]> {
  for (const path of Object.keys(OPENAPI.paths)) {
    const asked = path.replace("{n}", "33").replace("{name}", "page-1.js");
    yield [asked, {}];
    yield [asked, { host: "a b<>" }];
    yield [asked, { "if-match": '"x"' }];
    yield [asked, { "if-match": '"x",'.repeat(2_000) }];
  }
  yield ["/", { "if-none-match": "*" }];
  yield ["/dashboard", { "if-none-match": "*" }];
  yield ["/assets/page-2.js", {}];
  yield ["/sequence?count=0", {}];
  yield ["/sequence?from=99999999", {}];
  yield [`/sequence?${"a".repeat(5_000)}`, {}];
  yield [`/33?${"a".repeat(5_000)}`, {}];
  yield ["/33", { range: "bytes=0-0" }];
  yield ["/33", { range: "bytes=99-" }];
  yield ["/33", { "if-none-match": "*" }];
  yield ["/33", { accept: "image/png" }];
  yield ["/33?algorithm=quick", {}];
  yield ["/60?algorithm=naive", {}];
  yield ["/abc", {}];
}
