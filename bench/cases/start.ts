import { Server } from "../runner/server.ts";
import type { Case } from "./case.ts";

export const start: Case = {
  title: "Start",
  what:
    "From starting the process to its first answer to `/healthz`, and from there on to the first " +
    "computed one, `/1`. Tried every millisecond, everything in the file cache.",
  notes: [
    "Hono's constant answer is started by the same command, with the same flags: what it takes is runtime, router and " +
    "file system.",
    "Tornado starts its processes when they are first needed: `/healthz` does without.",
  ],
  metrics: [
    {
      key: "healthzMs",
      label: "`/healthz`, ms",
      better: "lower",
      target: { against: "hono-constant", atMost: 2 },
    },
    {
      key: "computedMs",
      label: "`/1`, ms",
      better: "lower",
      target: { against: "hono-constant", atMost: 4 },
    },
  ],
  contenders: ["ours", "ours-bundled", "comlink", "piscina", "tornado", "hono-constant"],
  rounds: { quick: 3, all: 15 },
  async trial(_, contender, { size }) {
    await using server = await Server.start(contender.server!(size));
    const healthzMs = performance.now() - server.startedAt;
    await server.get("/1");
    return { healthzMs, computedMs: performance.now() - server.startedAt };
  },
};
