import { Asker } from "../asker.ts";
import { exponential, type Random } from "../random.ts";
import type { Settings } from "../scenario.ts";
import type { Entry } from "./history.ts";

/** Requests of one kind: they leave at random, on schedule, whether or not earlier ones are answered. */
export interface Traffic {
  /** On average. */
  readonly perSecond: number;
  /** Makes the next path. */
  readonly path: (random: Random) => string;
}

/** How long answers are waited for when no more is asked, in milliseconds. */
const PATIENCE_MS = 30_000;

/** What 99 of 100 small calls may take at most, in milliseconds. */
export const SMALL_P99_MS = 20;

/** Whether a run is long enough for demands on latency: in seconds, and beside other tests, they tell nothing. */
export function isLong({ seconds }: Settings): boolean {
  return seconds >= 20;
}

/** Small numbers, many of them, so that all instances have their share. */
export const SMALL: Traffic = {
  perSecond: 200,
  path: (random) => `/${Math.floor(random() * 2_000)}`,
};

/** Asks for so long. @returns What became of each call. */
export async function ask(
  traffic: Traffic,
  { port, seconds, random, connections = 500 }: {
    readonly port: number;
    readonly seconds: number;
    readonly random: Random;
    readonly connections?: number;
  },
): Promise<Entry[]> {
  await using asker = new Asker(port, connections);
  const history: Entry[] = [];
  const asked: Promise<void>[] = [];
  const begin = performance.now();
  const gapMs = 1000 / traffic.perSecond;
  for (let at = exponential(random, gapMs); at < seconds * 1000;) {
    const wait = begin + at - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    asked.push(one(traffic.path(random), at));
    at += exponential(random, gapMs);
  }
  const timer = setTimeout(() => asker.giveUp(), PATIENCE_MS);
  await Promise.all(asked);
  clearTimeout(timer);
  return history;

  async function one(path: string, at: number): Promise<void> {
    const { end, body } = await asker.ask(path);
    history.push({ path, at, ms: performance.now() - begin - at, end, body });
  }
}
