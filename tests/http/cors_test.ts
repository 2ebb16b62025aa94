import { assertEquals } from "@std/assert";
import { withCors } from "../../lib/http/cors.ts";
import { configureLog } from "../../lib/log.ts";
import { fixture } from "./fakes.ts";

configureLog("error", () => {});

const ORIGIN = "https://example.com";

function get(origins: string, path: string, headers: HeadersInit = {}, method = "GET") {
  const fetch = withCors(fixture().app.fetch, origins);
  return fetch(
    new Request(`http://localhost${path}`, { method, headers: { origin: ORIGIN, ...headers } }),
  );
}

function allowed(response: Response): string | null {
  return response.headers.get("access-control-allow-origin");
}

Deno.test("withCors() lets pages of the origins that are named read answers and errors", async () => {
  for (const origins of ["*", ORIGIN, `https://other.example,${ORIGIN}`]) {
    for (
      const [path, status] of [["/33", 200], ["/abc", 404], ["/60?algorithm=naive", 422]] as const
    ) {
      const response = await get(origins, path);
      assertEquals([path, response.status], [path, status]);
      assertEquals(allowed(response), origins === "*" ? "*" : ORIGIN);
    }
  }
});

Deno.test("withCors() shows other origins nothing", async () => {
  const response = await get("https://other.example", "/33");
  assertEquals([response.status, allowed(response)], [200, null]);
});

Deno.test("withCors() lets pages read the headers that matter", async () => {
  const { headers } = await get("*", "/33");
  const exposed = headers.get("access-control-expose-headers")!.toLowerCase().split(",");
  for (const name of ["etag", "server-timing", "retry-after", "x-request-id"]) {
    assertEquals([name, exposed.includes(name)], [name, true]);
  }
});

Deno.test("withCors() answers a preflight, and leaves any other OPTIONS to the app", async () => {
  const preflight = await get("*", "/33", { "access-control-request-method": "GET" }, "OPTIONS");
  assertEquals(preflight.status, 204);
  assertEquals(preflight.headers.get("access-control-allow-methods"), "GET,HEAD");
  assertEquals(preflight.headers.get("access-control-max-age"), "600");
  const options = await get("*", "/33", {}, "OPTIONS");
  assertEquals([options.status, options.headers.get("allow")], [204, "GET, HEAD, OPTIONS"]);
  assertEquals((await get("*", "/nothing", {}, "OPTIONS")).status, 404);
});
