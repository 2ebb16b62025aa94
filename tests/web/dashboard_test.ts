// The dashboard of a pool that has nothing to do with Fibonacci.

import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { shows, testPageOf, textOf, VIEWS, violations } from "./browser.ts";
import { Primes } from "./primes.ts";

/** Takes some seconds. */
const LONG = "/count/30000000";
const IDLE = '#lanes-canvas[aria-label="2 workers: 2 idle"]';

const test = (name: string, run: Parameters<typeof testPageOf<Primes>>[2]) =>
  testPageOf(() => Promise.resolve(new Primes()), name, run);

test("calls are seen while they run, by method and tag", async ({ page, service }) => {
  await page.locator(IDLE).waitFor();
  const client = new AbortController();
  const held = fetch(service.at(LONG), { signal: client.signal }).catch(() => {});
  await page.locator('#lanes-canvas[aria-label="2 workers: 1 busy, 1 idle"]').waitFor();
  await page.click("#workers summary");
  await shows(page, "#workers-rows", /countPrimes at 30000000, for [\d.]+ m?s/);
  // It is there once the first bar of its colour is painted.
  await shows(page, "#legend", "countPrimes");
  client.abort();
  await held;
  await page.locator(IDLE).waitFor();
});

test("a cancelled call is not counted as failed; one that threw is", async ({ page, service }) => {
  await page.locator(IDLE).waitFor();
  const client = new AbortController();
  const held = fetch(service.at(LONG), { signal: client.signal }).catch(() => {});
  await page.locator('#lanes-canvas[aria-label="2 workers: 1 busy, 1 idle"]').waitFor();
  client.abort();
  await held;
  const failure = await fetch(service.at("/fail"));
  await failure.body?.cancel();
  assertEquals(failure.status, 500);
  await page.locator(IDLE).waitFor();
  await page.click("#workers summary");
  // After the worker: state, call, done, failed.
  const failed = page.locator("#workers-rows td:nth-child(5)");
  await shows(page, "#workers-rows td:nth-child(5)", "1");
  assertEquals((await failed.allInnerTexts()).sort(), ["0", "1"]);
  assertEquals(await textOf(page, "#workers th:nth-child(5)"), "Failed");
});

test("calls that are over are in the picture of who comes later", async ({ open, service }) => {
  assertEquals(await (await fetch(service.at("/next/14"))).text(), "17");
  const page = await open(service.first);
  await shows(page, "#legend", "nextPrime");
});

test("answers are counted, but for the operator's own; and what the cache did", async (visit) => {
  const { page, service } = visit;
  for (const path of ["/next/14", "/next/14", "/next/20", "/next/x", "/ops/healthz"]) {
    await (await fetch(service.at(path))).body?.cancel();
  }
  await shows(page, "#answers-total", "3 in total");
  await shows(page, "#cache-size", "1 of 3");
  await shows(page, "#refused-total", "0 in total");
  await shows(page, "#lag", / m?s/);
});

test("it loads nothing from outside its prefix, and every link works", async (visit) => {
  const { page, service } = visit;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.reload();
  // The workers have been loaded, so that the service is ready.
  await page.locator(IDLE).waitFor();
  // On a busy machine the page may hear nothing for some seconds, and then opens the stream again.
  assertEquals([...new Set(asked)], [service.at("/ops/dashboard"), service.at("/ops/events")]);
  const links = await page.locator("a[href]").evaluateAll((links) =>
    links.map((a) => (a as unknown as { href: string }).href)
  );
  assertEquals(links.length, 4);
  for (const link of links) {
    assertEquals(link.startsWith(service.at("/ops/")), true, link);
    const response = await fetch(link);
    assertEquals([link, response.status], [link, 200]);
    await response.body?.cancel();
  }
});

test("it speaks of no function in particular", async ({ page }) => {
  await shows(page, "#connection", "Live");
  assertNotMatch(await textOf(page, "body"), /fibonacci|algorithm|\bF\(|\bn\b/i);
  assertMatch(await page.title(), /^Dashboard$/);
});

test("axe finds nothing, and nothing sticks out", async ({ open, service, t }) => {
  for (const [name, view] of Object.entries(VIEWS)) {
    await t.step(name, async () => {
      const page = await open(service.first, view);
      await shows(page, "#connection", "Live");
      await (await fetch(service.at("/count/1000"))).body?.cancel();
      await page.click("#workers summary");
      await page.locator("#workers-rows tr").first().waitFor();
      await shows(page, "#legend", "countPrimes");
      assertEquals(await violations(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assertEquals(wide, view.width);
      await page.context().close();
    });
  }
});
