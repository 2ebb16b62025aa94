import { putLoad } from "../runner/load.ts";
import { mainThreadCpuUs } from "../runner/proc.ts";
import { probe } from "../runner/prober.ts";
import { Server } from "../runner/server.ts";
import { quantile } from "../runner/statistics.ts";
import type { Case } from "./case.ts";

const SETTLE_MS = 500;

export const busy: Case = {
  title: "The event loop while everything is busy",
  what:
    "While 32 connections ask for naive `/32`, one after the other, `/healthz` is asked every 10 ms, " +
    "whether or not it has answered before (an open loop, so that a stall is seen by all who would have " +
    "asked during it). Its latency is the event loop's delay, as clients see it. Beside it, how much of a " +
    "core the event loop's thread takes, and the answers to `/32` a second.",
  notes: [
    "The three ways that introductions to the matter compare are here: blocking the loop (no pool), " +
    "polling for results, and awaiting an executor (bare Comlink).",
    "Load, prober, event loop and one worker a core share the cores: some of each latency is waiting for " +
    "a core.",
    "Polling by timer is cheaper here than its reputation, as a timer of 0 ms is one of 1 ms at least: the " +
    "price is in the answers, each of which comes that much later.",
    "The constant answers `/32` without computing it, and so is asked many thousand times a second: a " +
    "saturated loop, not an idle one.",
  ],
  metrics: [
    {
      key: "p50Ms",
      label: "`/healthz` p50, ms",
      better: "lower",
      target: { atMost: 0.3 },
    },
    { key: "p99Ms", label: "p99, ms", better: "lower", target: { atMost: 5 } },
    { key: "loopPercent", label: "event loop's thread, % of a core", better: "lower" },
    { key: "answersPerSecond", label: "`/32`, answers/s", better: "higher" },
    { key: "proberLateMs", label: "prober's own lateness at most, ms", better: "lower" },
  ],
  contenders: ["ours", "comlink", "polled", "polled-timer", "inline", "hono-constant"],
  rounds: { quick: 1, all: 5 },
  async trial(_, contender, { size, quick, wrk }) {
    const seconds = quick ? 2 : 6;
    await using server = await Server.start(contender.server!(size));
    const { port, program } = server;
    await server.get("/32");
    const rate = putLoad({ port, path: "/32", connections: 32, seconds: seconds + 1 }, wrk);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const cpuBefore = mainThreadCpuUs(program.pid);
    const begin = performance.now();
    const { latenciesMs, latestMs } = await probe(port, "/healthz", {
      everyMs: 10,
      forMs: seconds * 1000,
    });
    const cpuUs = mainThreadCpuUs(program.pid);
    const ms = performance.now() - begin;
    return {
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      loopPercent: cpuUs && (cpuUs - cpuBefore!) / ms / 10,
      answersPerSecond: await rate,
      proberLateMs: latestMs,
    };
  },
};
