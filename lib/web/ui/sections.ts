import { announcer } from "./announcer.ts";

/** When the page starts even if it is not told of its first paint: some browsers don't tell. */
const START_WITHIN_MS = 1_000;

/**
 * Starts the sections of a page behind its first paint: to make the charts takes a tenth of a second on a slow machine,
 * and shows nothing yet. Each section by itself, so that one that fails leaves the others alone.
 *
 * @param sections Each is handed what tells assistive technology.
 */
export function startSections(
  sections: readonly ((announce: (text: string) => void) => void)[],
): void {
  function start(): void {
    painted.disconnect();
    clearTimeout(timer);
    const announce = announcer();
    for (const section of sections) setTimeout(() => section(announce));
  }
  const painted = new PerformanceObserver(start);
  const timer = setTimeout(start, START_WITHIN_MS);
  painted.observe({ type: "paint", buffered: true });
}
