// A person sends many requests at once.

import { assert, assertEquals } from "@std/assert";
import { CALIBRATED, scrape, untilMetrics } from "../e2e/client.ts";
import type { Page } from "playwright-core";
import { shows, testPage, textOf } from "./browser.ts";

async function send(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await page.fill(`#load-${name}`, value);
  await page.click("#load-send");
}

/** Answered, refused and failed, when the run is over. */
async function counts(page: Page): Promise<number[]> {
  await page.locator("#load-send:enabled").waitFor();
  const texts = ["ok", "refused", "failed"].map((name) => textOf(page, `#load-${name}`));
  return (await Promise.all(texts)).map(Number);
}

testPage("a load run counts what came back, and shows how long it took", async (visit) => {
  const { page, service } = visit;
  await send(page, { requests: "60", concurrency: "6", n: "20" });
  assertEquals(await counts(page), [60, 0, 0]);
  const label = await page.getAttribute("#load-chart", "aria-label");
  assert(/^Latencies: half within .*s, 99 of 100 within .*s$/.test(label!), label!);
  await shows(page, "#announcement", "Done: 60 answered, 0 refused, 0 failed");
  assertEquals((await scrape(service)).get('fib_cache_calls_total{result="bypass"}'), 60);

  await page.uncheck("#load-fresh");
  await send(page, { requests: "30" });
  assertEquals(await counts(page), [30, 0, 0]);
  assertEquals((await scrape(service)).get('fib_cache_calls_total{result="hit"}'), 30);
});

testPage("a load run counts refusals apart", async ({ page }) => {
  await send(page, { requests: "30", concurrency: "6", n: "30" });
  const [ok, refused, failed] = await counts(page);
  assert(ok > 0 && refused > 0, `${ok} answered, ${refused} refused`);
  assertEquals([ok + refused, failed], [30, 0]);
}, ["--workers", "1", "--max-queue", "1"]);

testPage("a load run ends when it is cancelled, and frees the workers", async (visit) => {
  const { page } = visit;
  await send(page, { requests: "1000", concurrency: "2", n: "32" });
  await shows(page, "#load-ok", /[1-9]/);
  await page.click("#load-cancel");
  const [ok, refused, failed] = await counts(page);
  assert(ok < 1000);
  assertEquals([refused, failed], [0, 0]);
  await shows(page, "#announcement", "Cancelled: ");
});

testPage("a load run tells why it failed", async ({ page }) => {
  await send(page, { requests: "3", n: "90" });
  assertEquals(await counts(page), [0, 0, 3]);
  await shows(page, "#load-error", /^First failure: 422 Unprocessable Content: naive goes up to/);
});

testPage("a load that makes no sense is told, and nothing is sent", async ({ page, service }) => {
  await untilMetrics(service, CALIBRATED);
  for (
    const [values, says] of [
      [{ requests: "0" }, "Requests must be a number from 1 to 100,000"],
      [{ requests: "10", concurrency: "101" }, "At a time must be a number from 1 to 100"],
      [{ concurrency: "6", n: "-1" }, "n must be 1 to 40 digits, but is “-1”"],
    ] as const
  ) {
    await send(page, values);
    assertEquals(await textOf(page, "#load-error"), says);
  }
  assertEquals((await scrape(service)).get('fib_pool_calls_total{outcome="done"}'), 1);
});
