/**
 * A real browser with the service's page in it, as a person would have it before them.
 *
 * ```
 *  test ── Deno ──► playwright-core ──► chromium ── HTTP ──► deno task start
 *                        │ errors, violations
 *                        ▼
 *                   must be none
 * ```
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { type Service, STARTS_PROGRAMS, startService } from "../e2e/service.ts";
import { type Need, testWith } from "../permissions.ts";

/** Debian's, which `.ci/run` installs. */
const CHROMIUM = "/usr/bin/chromium";

/** A name of this machine that a browser doesn't trust, unlike `127.0.0.1`: a page over plain HTTP. */
export const PLAIN_HOST = "plain.test";

/** Nothing here may look for the outside world: not for updates, nor for what else a browser wants to know. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
];

/** Far more than anything takes on a busy machine. */
const TIMEOUT_MS = 30_000;

/** How a page is looked at. */
export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
}

/** What a test of the page is given. */
export interface Visit {
  readonly page: Page;
  readonly t: Deno.TestContext;
  /** Opens another page of the same service, as another tab. */
  open(path: string, view?: View): Promise<Page>;
}

/** What serves pages. */
export interface Site extends AsyncDisposable {
  /** The address of a path. */
  at(path: string): string;
  /** The path that is opened at first. Default: `/`. */
  readonly first?: string;
}

/** What a test that starts a browser needs. */
const NEEDS: readonly Need[] = [
  ...STARTS_PROGRAMS,
  { name: "sys" },
  { name: "write" },
  { name: "program", program: CHROMIUM },
];

/**
 * Registers a test in a browser. It fails if a script of the page throws, or the page does what its policy
 * forbids.
 *
 * @param service What the page comes from.
 * @param needs What else the test needs. Default: nothing.
 */
export function testPageOf<Host extends Site>(
  service: () => Promise<Host>,
  name: string,
  run: (visit: Visit & { readonly service: Host }) => Promise<void>,
  needs: readonly Need[] = [],
): void {
  testWith([...NEEDS, ...needs], name, async (t) => {
    // Not above: it looks at its environment as soon as it is imported.
    const { chromium } = await import("playwright-core");
    await using host = await service();
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    try {
      const complaints: string[] = [];
      const open = async (path: string, { width = 1280, height = 900, ...view }: View = {}) => {
        const context = await browser.newContext({ viewport: { width, height }, ...view });
        context.setDefaultTimeout(TIMEOUT_MS);
        const page = await context.newPage();
        page.on("pageerror", ({ message }) => complaints.push(message));
        page.on("console", (message) => {
          // That an answer is no 200, or there is none, is often what a test is about.
          if (message.text().startsWith("Failed to load resource")) return;
          if (message.type() === "error") complaints.push(message.text());
        });
        await page.goto(host.at(path));
        return page;
      };
      await run({ service: host, page: await open(host.first ?? "/"), open, t });
      assertEquals(complaints, []);
    } finally {
      await browser.close();
    }
  });
}

/** The same for the service as it is started by `deno task start`. */
export function testPage(
  name: string,
  run: (visit: Visit & { readonly service: Service }) => Promise<void>,
  args: readonly string[] = [],
): void {
  testPageOf(() => startService({ args: [...args, "--log-level", "error"] }), name, run);
}

/** Waits until an element shows a text. */
export async function shows(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor();
}

/** What an element shows. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).innerText()).trim();
}

/** Asks for a number, and waits until something has become of that. @returns `answered`, `failed` or `cancelled`. */
export async function ask(page: Page, n: string, algorithm = "fast-doubling"): Promise<string> {
  await page.check(`input[value="${algorithm}"]`);
  await page.fill("#n", n);
  await page.keyboard.press("Enter");
  return await outcome(page);
}

/** Waits for what becomes of a question. */
export async function outcome(page: Page): Promise<string> {
  const answer = page.locator(
    "#answer:is([data-state=answered],[data-state=failed],[data-state=cancelled])",
  );
  await answer.waitFor();
  return (await answer.getAttribute("data-state"))!;
}

/** What axe finds wrong: rule and element, a line each. */
export async function violations(page: Page): Promise<string[]> {
  // Not above: it looks at its environment as soon as it is imported.
  const { default: axe } = await import("axe-core");
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
/** How different people have it before them. */
export const VIEWS: Readonly<Record<string, View>> = {
  "a phone in the light": { ...PHONE, colorScheme: "light" },
  "a phone in the dark": { ...PHONE, colorScheme: "dark" },
  "a desktop in the light": { ...DESKTOP, colorScheme: "light" },
  "a desktop in the dark": { ...DESKTOP, colorScheme: "dark", reducedMotion: "reduce" },
};
