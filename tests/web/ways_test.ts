// Three ways in the browser itself: whether its thread is free shows in the frames it paints.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { shows, testPage, testPageOf } from "./browser.ts";
import { Host } from "./host.ts";

/** What a way's run came to, by name. */
async function resultOf(page: Page, way: string): Promise<Record<string, string>> {
  await page.locator(`#way-${way}[data-state=ready]`).waitFor();
  const facts = await page.locator(`#way-${way} dl div`).allInnerTexts();
  return Object.fromEntries(facts.map((fact) => fact.split(/\s*\n\s*/)));
}

async function run(page: Page, way: string, n: number): Promise<Record<string, string>> {
  await page.fill("#ways-n", String(n));
  await page.locator(`#way-${way} button`, { hasText: "Run" }).click();
  return await resultOf(page, way);
}

/** A duration as the page writes it, in milliseconds. */
function inMs(text: string): number {
  const [value, unit] = text.split(" ");
  return Number(value) * (unit === "s" ? 1000 : 1);
}

/** How many frames there were, and their median time. */
function framesIn(text: string): [count: number, medianMs: number] {
  const [, count, median] = /^([\d,]+), median (.*)$/.exec(text)!;
  return [Number(count.replaceAll(",", "")), inMs(median)];
}

testPage("on the page's thread no frame is painted until it is done", async ({ page }) => {
  const { took, frames, ...rest } = await run(page, "thread", 36);
  assertEquals(frames, "none");
  assert(inMs(rest["longest frame"]) > inMs(took) * 0.8, rest["longest frame"]);
});

testPage("in the pool frames are painted all the while", async ({ page }) => {
  const { took, frames } = await run(page, "pool", 39);
  const [count, medianMs] = framesIn(frames);
  assert(count > 5 && medianMs < inMs(took) / 5, frames);
});

testPage("polled, frames are painted too, and the questions are counted", async ({ page }) => {
  const { frames, ...rest } = await run(page, "polled", 39);
  assert(framesIn(frames)[0] > 2, frames);
  assert(Number(rest["times asked"].replaceAll(",", "")) > 100, rest["times asked"]);
});

/** Cancels what would take minutes, and asks for something short: there must be workers left for that. */
async function assertCancels(page: Page): Promise<void> {
  for (const way of ["polled", "pool"]) {
    await page.fill("#ways-n", "44");
    await page.locator(`#way-${way} button`, { hasText: "Run" }).click();
    await shows(page, `#way-${way} dl`, "running");
    await page.locator(`#way-${way} .cancel`).click();
    const { state } = await resultOf(page, way);
    assertMatch(state, /^cancelled after /);
    assertMatch((await run(page, way, 25)).took, / m?s$/);
  }
}

testPage("a run in workers can be cancelled, and the next one works", async ({ page }) => {
  assertEquals(await page.evaluate(() => crossOriginIsolated), true);
  await assertCancels(page);
});

testPageOf(
  () => Promise.resolve(new Host({ without: ["cross-origin-opener-policy"] })),
  "it can also without shared memory, where a cancelled call costs its worker",
  async ({ page }) => {
    assertEquals(await page.evaluate(() => crossOriginIsolated), false);
    await shows(page, "#ways-isolation", "This page is not cross-origin isolated");
    await assertCancels(page);
  },
);
