import type { Timing } from "@off-the-loop/pool";

/** Writes `Server-Timing`. */
export function serverTiming({ waitMs, runMs, transferMs, cache, slot }: Timing): string {
  const [queue, compute, transfer] = [waitMs, runMs, transferMs].map(micro);
  const there = `cache;desc=${cache ?? "off"}, queue;dur=${queue}, compute;dur=${compute}`;
  return slot === undefined ? there : `${there}, transfer;dur=${transfer}, worker;desc=${slot}`;
}

/** Rounds milliseconds to a microsecond: further digits were not measured. */
export function micro(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
