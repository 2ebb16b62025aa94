/**
 * The page at `/`: four sections that know nothing of each other's work.
 *
 * ```
 *  ask      one question, one answer, and where its time went
 *  machine  what the service's workers do, as it happens
 *  load     many questions at once
 *  ways     the same pool in this tab, and two worse ways
 * ```
 *
 * @module
 */

import { startAsking } from "./ask/ask.ts";
import { startLoading } from "./load/load.ts";
import { startWatching } from "./machine/machine.ts";
import { announcer } from "./ui/announcer.ts";
import { startComparing } from "./ways/ways.ts";

/** When the page starts even if it is not told of its first paint: some browsers don't tell. */
const START_WITHIN_MS = 1_000;

/**
 * Behind the first paint: to make the charts takes a tenth of a second on a slow machine, and shows nothing yet.
 * Each section by itself, so that one that fails leaves the others alone.
 */
function start(): void {
  painted.disconnect();
  clearTimeout(timer);
  const announce = announcer();
  for (const section of [startAsking, startWatching, startLoading, startComparing]) {
    setTimeout(() => section(announce));
  }
}

const painted = new PerformanceObserver(start);
const timer = setTimeout(start, START_WITHIN_MS);
painted.observe({ type: "paint", buffered: true });
