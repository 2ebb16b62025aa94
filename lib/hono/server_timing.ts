import type { Timing } from "@off-the-loop/pool";

/**
 * Writes where the time of a request's calls went, as `Server-Timing` has it. The times of several add up, and what is
 * told of a cache or a worker is the last one's.
 */
export function serverTiming(timings: readonly Timing[]): string {
  let [queue, compute, transfer] = [0, 0, 0];
  for (const { waitMs, runMs, transferMs } of timings) {
    queue += waitMs;
    compute += runMs;
    transfer += transferMs;
  }
  const { cache = "off", slot } = timings.at(-1)!;
  const there = `cache;desc=${cache}, queue;dur=${round(queue)}, compute;dur=${round(compute)}`;
  return slot === undefined
    ? there
    : `${there}, transfer;dur=${round(transfer)}, worker;desc=${slot}`;
}

/** Without the digits nobody measured. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
