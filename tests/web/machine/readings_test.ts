import { assertEquals } from "@std/assert";
import { Histogram } from "../../../lib/pool/histogram.ts";
import type { PoolStats } from "../../../lib/pool/mod.ts";
import type { StatsEvent } from "../../../lib/hono/watch.ts";
import { Readings } from "../../../lib/web/machine/readings.ts";
import { poolStats } from "../../http/fakes.ts";

const LAG = { maxMs: 2, meanMs: 1 };

function event(second: number, part: Partial<StatsEvent> = {}): StatsEvent {
  return {
    instance: "a",
    now: second * 1000,
    pool: null,
    cache: null,
    answers: {},
    eventLoopLag: { lastSecond: LAG, lastMinute: { maxMs: 9, meanMs: 1 } },
    ...part,
  };
}

function waited(...waitMs: number[]): PoolStats {
  const histogram = new Histogram();
  for (const ms of waitMs) histogram.record(ms);
  return poolStats(["idle"], { waitMs: histogram.snapshot() });
}

Deno.test("Readings counts answers and refusals a second, over some seconds", () => {
  const readings = new Readings();
  readings.add(event(0, { answers: { 200: 100, 503: 7 } }));
  readings.add(event(1, { answers: { 200: 110, 503: 7 } }));
  readings.add(event(2, { answers: { 200: 160, 304: 10, 404: 99, 503: 10 } }));
  const { answersPerS, refusedPerS, lagMs } = readings.add(
    event(3, { answers: { 200: 180, 206: 2, 304: 10, 404: 99, 503: 10 } }),
  );
  assertEquals([answersPerS, refusedPerS, lagMs], [(192 - 100) / 3, 1, 2]);
  assertEquals(readings.history.length, 4);
});

Deno.test("Readings takes quantiles of the last ten seconds' calls", () => {
  const readings = new Readings();
  readings.add(event(0, { pool: waited(1000, 1000) }));
  const later = event(5, { pool: waited(1000, 1000, 2, 2, 8, 8) });
  const { p50, p99 } = readings.add(later).wait!;
  assertEquals([p50, Math.round(p99 * 100)], [2, 792]);
  // Nothing new has come for longer than that.
  for (let second = 6; second < 20; second++) readings.add({ ...later, now: second * 1000 });
  assertEquals(readings.add({ ...later, now: 20_000 }).wait, undefined);
});

Deno.test("Readings knows the share of calls that the cache had the answers to", () => {
  const cache = { entries: 1, bytes: 1, maxBytes: 9, hits: 10, misses: 10, shared: 0, bypassed: 0 };
  const readings = new Readings();
  assertEquals(readings.add(event(0, { cache })).hitRate, undefined);
  const more = { ...cache, hits: 12, shared: 1, misses: 11, bypassed: 0 };
  assertEquals(readings.add(event(1, { cache: more })).hitRate, 0.5);
});

Deno.test("Readings begins anew with another service, and keeps a minute", () => {
  const readings = new Readings();
  readings.add(event(100, { answers: { 200: 1000 } }));
  const { answersPerS } = readings.add(event(1, { instance: "b", answers: { 200: 1 } }));
  assertEquals(answersPerS, 0);
  for (let second = 2; second < 200; second++) readings.add(event(second, { instance: "b" }));
  assertEquals(readings.history.length, 61);
  // Nobody has looked for a while.
  readings.add(event(300, { instance: "b", answers: { 200: 9 } }));
  assertEquals(readings.history.map(({ answersPerS }) => answersPerS), [0]);
});
