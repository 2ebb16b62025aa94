// A person asks for a number.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { scrape, untilMetrics } from "../e2e/client.ts";
import { ask, outcome, shows, testPage, textOf } from "./browser.ts";

testPage("an answer comes with its digits, its time and its address", async ({ page, service }) => {
  assertEquals(await ask(page, " 1,000 ", "iterative"), "answered");
  await shows(page, "#answer h3", "F(1,000), 209 digits");
  assertMatch(await textOf(page, ".value"), /^4346655768.*849228875$/s);
  assertMatch(await textOf(page, ".timing p"), /^computed for you · worker \d · .* in total$/);
  for (const phase of ["queue", "compute", "transfer", "network, HTTP"]) {
    await shows(page, ".phase-list div", new RegExp(`${phase}\\s*[\\d.]+ m?s`));
  }
  const path = "/1000?algorithm=iterative";
  assertEquals(await page.getAttribute("#asked-link", "href"), path.slice(1));
  assertEquals(await textOf(page, "#asked-curl"), `curl '${service.at(path).replace(/\?$/, "")}'`);
  assertEquals(page.url(), service.at("/?n=1000&algorithm=iterative"));

  await page.click("#compute");
  await shows(page, ".timing p", "from the cache");
  await page.check("#fresh");
  await page.click("#compute");
  await shows(page, ".timing p", "computed anew");
});

testPage("a huge answer is folded, and can be had whole", async ({ page, service }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  assertEquals(await ask(page, "10000000"), "answered");
  const digits = await (await fetch(service.at("/10000000"))).text();
  await shows(page, "#answer h3", "F(10,000,000), 2,089,877 digits");
  const shown = (await textOf(page, ".value")).replaceAll(/\s/g, "");
  assertEquals(shown, `${digits.slice(0, 100)}2,089,677moredigits${digits.slice(-100)}`);

  await page.getByRole("button", { name: "Copy the digits" }).click();
  await shows(page, "#answer button", "Copied");
  // Compared there: to bring two million digits here takes longer than all the rest.
  const isCopied = await page.evaluate(async () => {
    const response = await fetch("/10000000");
    return await navigator.clipboard.readText() === await response.text();
  });
  assert(isCopied);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  assertEquals(download.suggestedFilename(), "fibonacci-10000000.txt");
  assertEquals(await Deno.readTextFile(await download.path()), digits);
});

testPage("Esc cancels a running call, and its worker is free again", async ({ page, service }) => {
  await page.fill("#n", "44");
  await page.keyboard.press("Enter");
  await untilMetrics(service, { 'fib_pool_slots{state="busy"}': 1 });
  await shows(page, "#answer", /Computing F\(44\) … [\d.]+ m?s/);
  await page.keyboard.press("Escape");
  assertEquals(await outcome(page), "cancelled");
  await untilMetrics(service, {
    'fib_pool_slots{state="idle"}': navigator.hardwareConcurrency,
    'fib_pool_calls_total{outcome="aborted"}': 1,
    "fib_pool_restarts_total": 0,
  });
  assertEquals(await page.isDisabled("#cancel"), true);
}, ["--deadline-ms", "2147483647"]);

testPage("a link asks its question, and Back asks the one before", async ({ open }) => {
  const page = await open("/?n=33&algorithm=naive");
  assertEquals(await outcome(page), "answered");
  assertEquals(await textOf(page, ".value"), "3,524,578");
  assertEquals(await page.inputValue("#n"), "33");
  assertEquals(await page.isChecked('input[value="naive"]'), true);

  assertEquals(await ask(page, "90"), "answered");
  await page.goBack();
  await shows(page, "#answer h3", "F(33)");
  assertEquals(await page.inputValue("#n"), "33");
  await page.goForward();
  await shows(page, "#answer h3", "F(90)");

  // A step within the page asks nothing.
  await page.evaluate(() => location.hash = "n");
  await shows(page, "#answer h3", "F(90)");
  await page.goto(new URL("/", page.url()).href);
  assertEquals(await ask(page, "50"), "answered");
  await page.goBack();
  await shows(page, "#answer", "The answer will appear here");
});

testPage("a link that makes no sense is told", async ({ open }) => {
  const page = await open("/?n=<script>alert(1)</script>&algorithm=naive");
  await shows(page, "#n-error", "n must be 1 to 40 digits, but is “<script>alert(1)</sc…”");
});

testPage("what is no n is told before anything is sent", async ({ page, service }) => {
  await page.fill("#n", "<b>1e3</b>");
  await page.keyboard.press("Enter");
  await shows(page, "#n-error", "n must be 1 to 40 digits, but is “<b>1e3</b>”");
  assertEquals(await page.getAttribute("#n", "aria-invalid"), "true");
  assertEquals(await page.evaluate(() => document.activeElement?.id), "n");
  await page.fill("#n", "9".repeat(100_000));
  await page.keyboard.press("Enter");
  await shows(page, "#n-error", "n must be 1 to 40 digits, but is “99999999999999999999…”");
  const samples = await scrape(service);
  assertEquals([...samples.keys()].filter((name) => name.includes('route="/:n{')), []);
  await page.fill("#n", "1");
  assertEquals(await textOf(page, "#n-error"), "");
});

testPage(
  "what the service refuses is told with its reason, and what to ask instead",
  async (visit) => {
    const { page } = visit;
    assertEquals(await ask(page, "1500", "naive"), "failed");
    await shows(page, "#answer h3", "422 Unprocessable Content");
    await page.getByRole("button", { name: "Ask that instead" }).click();
    assertEquals(await outcome(page), "answered");
    assertStringIncludes(page.url(), "n=1500&algorithm=fast-doubling");

    assertEquals(await ask(page, "9".repeat(20)), "failed");
    await shows(page, "#answer", "n must be at most 10000000");
  },
);
