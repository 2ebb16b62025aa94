// What the page shows of the service.

import { assertEquals } from "@std/assert";
import { scrape, untilMetrics } from "../e2e/client.ts";
import { Service } from "../e2e/service.ts";
import { ask, shows, testPage, testPageOf, textOf } from "./browser.ts";
import { Host } from "./host.ts";

testPage("the page's numbers agree with /metrics", async ({ page, service }) => {
  for (const n of ["10", "20", "10", "30", "10"]) await ask(page, n);
  await shows(page, "#answers-total", "5 in total");
  await shows(page, "#cache-size", "2 of 5");
  const samples = await scrape(service);
  const of = (name: string) => samples.get(name) ?? 0;
  assertEquals(of('http_requests_total{method="GET",route="/:n{[0-9]+}",status="200"}'), 5);
  assertEquals(of('fib_cache_calls_total{result="hit"}'), 2);
  assertEquals(of('fib_cache_calls_total{result="miss"}'), 3);
  assertEquals(await textOf(page, "#refused-total"), "0 in total");

  await page.click("#workers summary");
  await page.locator("#workers-rows tr").first().waitFor();
  const rows = await page.locator("#workers-rows tr").allInnerTexts();
  const done = rows.map((row) => Number(row.split("\t")[3]));
  assertEquals(done.reduce((a, b) => a + b), of('fib_pool_calls_total{outcome="done"}'));
});

testPage("what the workers are on is there to see", async ({ page, service }) => {
  const size = navigator.hardwareConcurrency;
  await page.locator(`#lanes-canvas[aria-label="${size} workers: ${size} idle"]`).waitFor();
  const controller = new AbortController();
  const held = fetch(service.at("/44?algorithm=naive"), { signal: controller.signal });
  await page.locator(`#lanes-canvas[aria-label*="1 busy"]`).waitFor();
  await page.click("#workers summary");
  await shows(page, "#workers-rows", "fibonacci 44 naive, for ");
  controller.abort();
  await held.catch(() => {});
  await page.locator(`#lanes-canvas[aria-label="${size} workers: ${size} idle"]`).waitFor();
}, ["--deadline-ms", "2147483647"]);

testPage(
  "the page says that the service is gone, and comes back with the next one",
  async (visit) => {
    const { page, service } = visit;
    await shows(page, "#connection", "Live");
    await service.insist("SIGTERM");
    await shows(page, "#connection", "The service is gone");
    const { port } = new URL(service.ready.url);
    await using next = new Service(["--port", port, "--log-level", "error"]);
    await next.started();
    await shows(page, "#connection", "Live, after a restart");
    assertEquals(await ask(page, "33"), "answered");
    await shows(page, "#answers-total", "1 in total");
  },
);

testPage("a hidden tab lets go of the service", async ({ page, service }) => {
  await shows(page, "#connection", "Live");
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  await shows(page, "#connection", "Paused");
  await hide(false);
  await shows(page, "#connection", "Live");
  await untilMetrics(service, {
    'http_requests_total{method="GET",route="/events",status="200"}': 2,
  });
});

testPageOf(
  () => Promise.resolve(new Host()),
  "a service without workers is shown as one",
  async ({ page }) => {
    await page.locator("#no-workers").waitFor();
    assertEquals(await page.isVisible("#lanes"), false);
    assertEquals(await ask(page, "33"), "answered");
    await shows(page, ".timing p", "computed, there is no cache");
    await shows(page, "#cache-size", "there is no cache");
  },
);

testPageOf(
  () => Promise.resolve(new Host({ states: ["busy", "wedged", "failed", "restarting"] })),
  "workers in trouble are seen, and told of",
  async ({ page }) => {
    await page.locator(
      '#lanes-canvas[aria-label="4 workers: 1 busy, 1 wedged, 1 failed, 1 restarting"]',
    )
      .waitFor();
    await shows(
      page,
      "#announcement",
      "Workers in trouble: 1 busy, 1 wedged, 1 failed, 1 restarting",
    );
    // The lane of one that is wedged is not the colour of one that is well. The next frame paints it: the text is
    // there before.
    await page.waitForFunction(() => {
      const canvas = document.querySelector("canvas")!;
      const context = canvas.getContext("2d")!;
      const [well, wedged] = [0, 1].map((slot) => {
        const y = 44 + slot * 42 + 8;
        return String(context.getImageData(canvas.width / 3, y * devicePixelRatio, 1, 1).data);
      });
      return well !== wedged;
    });
  },
);
