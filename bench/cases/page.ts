import type { Browser, Page } from "playwright-core";
import { putLoad } from "../runner/load.ts";
import { CHROMIUM } from "../runner/needs.ts";
import { Server } from "../runner/server.ts";
import { median } from "../runner/statistics.ts";
import type { Case } from "./case.ts";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const FRAMES_MS = 4_000;
const OPENED = 7;
const REST_MS = 500;

export const page: Case = {
  title: "The page",
  what:
    "In headless Chromium: the time to first paint, nothing of the page cached, when it is opened in a new tab and " +
    `when it is loaded again there, each the median of ${OPENED} times, and beside them the same for a line of text, ` +
    `\`/33\`; and the median time from frame to frame over ${
      FRAMES_MS / 1000
    } s: with nothing to do; while 8 ` +
    "connections ask the service for naive `/30`, which keeps all its workers busy; and while the pool in the page " +
    "itself computes on all cores.",
  notes: [
    "The browser draws on the processor, for there is nothing else, and shares the cores with server, workers and " +
    "load.",
    "16.7 ms are sixty frames a second, the most there are.",
  ],
  metrics: [
    { key: "newMs", label: "first paint, new tab, ms", better: "lower", target: { atMost: 200 } },
    { key: "newTextMs", label: "of a line of text, ms", better: "lower" },
    { key: "againMs", label: "loaded again, ms", better: "lower", target: { atMost: 200 } },
    { key: "againTextMs", label: "of a line of text, ms", better: "lower" },
    { key: "idleMs", label: "frame, ms", better: "lower", target: { atMost: 17 } },
    { key: "busyMs", label: "frame, service busy, ms", better: "lower", target: { atMost: 17 } },
    {
      key: "poolMs",
      label: "frame, page's pool busy, ms",
      better: "lower",
      target: { atMost: 17 },
    },
  ],
  contenders: ["ours-page"],
  rounds: { quick: 0, all: 5 },
  async trial(_, contender, { size, wrk }) {
    await using server = await Server.start(contender.server!(size));
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    try {
      const paints: Paints[] = [];
      const texts: Paints[] = [];
      for (let i = 0; i < OPENED; i++) {
        paints.push(await firstPaints(browser, server, "/"));
        texts.push(await firstPaints(browser, server, "/33"));
      }
      const shown = await open(browser, server, "/");
      await shown.locator("body[data-connection=live]").waitFor();
      const idleMs = await frameMs(shown);
      const load = {
        port: server.port,
        path: "/30",
        connections: 8,
        seconds: FRAMES_MS / 1000 + 1,
      };
      const loaded = putLoad(load, wrk);
      const busyMs = await frameMs(shown);
      await loaded;
      await shown.fill("#ways-n", "44");
      await shown.locator("#way-pool button").first().click();
      const poolMs = await frameMs(shown);
      const still = await shown.locator("#way-pool").getAttribute("data-state");
      if (still !== "running") throw new Error("The page's pool was done too early");
      return {
        newMs: median(paints.map(({ newMs }) => newMs)),
        newTextMs: median(texts.map(({ newMs }) => newMs)),
        againMs: median(paints.map(({ againMs }) => againMs)),
        againTextMs: median(texts.map(({ againMs }) => againMs)),
        idleMs,
        busyMs,
        poolMs,
      };
    } finally {
      await browser.close();
    }
  },
};

async function open(browser: Browser, { port }: Server, path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}${path}`);
  return page;
}

/** Milliseconds from the beginning of a navigation. */
interface Paints {
  readonly newMs: number;
  readonly againMs: number;
}

async function firstPaints(browser: Browser, server: Server, path: string): Promise<Paints> {
  const page = await open(browser, server, path);
  const newMs = await firstPaintMs(page);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  await rest();
  const loaded = page.waitForEvent("load");
  // By itself: what the driver does for a navigation of its own takes a tenth of a second.
  await page.evaluate(`setTimeout(() => location.reload(), ${REST_MS})`);
  await loaded;
  await rest();
  const againMs = await firstPaintMs(page);
  await page.context().close();
  return { newMs, againMs };
}

async function firstPaintMs(page: Page): Promise<number> {
  return await page.evaluate(`new Promise((resolve) =>
    new PerformanceObserver((list) => {
      const paint = list.getEntriesByName("first-contentful-paint")[0];
      if (paint) resolve(paint.startTime);
    }).observe({ type: "paint", buffered: true })
  )`);
}

/** Until a tab that has just been drawn has nothing more to do. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST_MS));
}

/** The median from frame to frame. */
async function frameMs(page: Page): Promise<number> {
  const moments = await page.evaluate(`new Promise((resolve) => {
    const moments = [];
    const end = performance.now() + ${FRAMES_MS};
    requestAnimationFrame(function frame(now) {
      moments.push(now);
      if (now < end) requestAnimationFrame(frame);
      else resolve(moments);
    });
  })`) as number[];
  return median(moments.slice(1).map((moment, i) => moment - moments[i]));
}
