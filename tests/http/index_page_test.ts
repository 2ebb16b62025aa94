import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { ASSET_PATH } from "../../lib/http/page_route.ts";
import { fixture } from "./fakes.ts";

Deno.test("GET / links to every path while nothing is built, and each link works", async () => {
  const { app, get } = fixture();
  const page = await (await get("/")).text();
  // Relative, for a proxy may have put all of them under a prefix.
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, link]) =>
    `/${link.replaceAll("&amp;", "&")}`
  );
  for (const link of links) {
    const response = await get(link);
    assertEquals([link, response.status], [link, 200]);
    await response.body?.cancel();
  }
  // Where this page is served, there are no assets.
  for (const { path } of app.routes.filter(({ path }) => path !== ASSET_PATH)) {
    const shown = path.replace(/:n.*/, "33");
    assert(shown === "/" || links.some((link) => link.split("?")[0] === shown), shown);
  }
});

Deno.test("GET / has nothing that its policy would stop", async () => {
  const response = await fixture().get("/");
  assertMatch(response.headers.get("content-security-policy")!, /^default-src 'none';/);
  assertNotMatch(await response.text(), /<script|<style|<img| style=| src=|<link/);
});
