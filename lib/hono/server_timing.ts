import type { Timing } from "@off-the-loop/pool";

/** Writes `Server-Timing` for the calls of a request. Their times add up; cache and worker are those of the last one. */
export function serverTiming(timings: readonly Timing[]): string {
  let [queue, compute, transfer] = [0, 0, 0];
  for (const { waitMs, runMs, transferMs } of timings) {
    queue += waitMs;
    compute += runMs;
    transfer += transferMs;
  }
  const { cache = "off", slot } = timings.at(-1)!;
  const there = `cache;desc=${cache}, queue;dur=${micro(queue)}, compute;dur=${micro(compute)}`;
  return slot === undefined
    ? there
    : `${there}, transfer;dur=${micro(transfer)}, worker;desc=${slot}`;
}

/** Rounds milliseconds to a microsecond: further digits were not measured. */
export function micro(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
