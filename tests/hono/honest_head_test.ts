import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { honestHead, offLoop } from "../../lib/hono/mod.ts";
import { withCors } from "../../lib/http/cors.ts";
import { fixture } from "../http/fakes.ts";
import { type HeldApi, HeldBackend } from "../pool/held_backend.ts";

const ignore =
  (await Deno.permissions.query({ name: "net", host: "127.0.0.1" })).state !== "granted";

/** The `Content-Length` that HEAD is told on the wire, by path. */
async function lengths(
  fetchOf: Deno.ServeHandler<Deno.NetAddr>,
  paths: readonly string[],
): Promise<Record<string, string | null>> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    fetchOf,
  );
  const told: Record<string, string | null> = {};
  for (const path of paths) {
    const url = `http://127.0.0.1:${server.addr.port}${path}`;
    const response = await fetch(url, { method: "HEAD" });
    assertEquals([response.status, await response.text()], [200, ""], path);
    told[path] = response.headers.get("content-length");
  }
  return told;
}

Deno.test({ name: "honestHead() tells the length that is known, or none", ignore }, async () => {
  const work = offLoop<HeldApi>(new HeldBackend());
  const app = new Hono().use(work);
  app.get("/known", (c) => work.answer(c, "f", [1], { length: 7 }));
  app.get("/unknown", (c) => work.answer(c, "f", [1]));
  app.get("/stream", (c) => work.stream(c, work.map(c, "f", [[1]])));
  app.get("/later", async (c) => c.text(await Promise.resolve("x")));
  const told = await lengths(honestHead(app.fetch), ["/known", "/unknown", "/stream", "/later"]);
  assertEquals(told, { "/known": "7", "/unknown": null, "/stream": null, "/later": null });
});

Deno.test({ name: "for pages of other origins too", ignore }, async () => {
  const told = await lengths(withCors(fixture().app.fetch, "*"), ["/33", "/sequence"]);
  assertEquals(told, { "/33": "7", "/sequence": null });
});
