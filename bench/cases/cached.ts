import { constantServer } from "../contenders/commands.ts";
import { CONTENDERS } from "../contenders/mod.ts";
import { putLoad } from "../runner/load.ts";
import { Server } from "../runner/server.ts";
import type { Case } from "./case.ts";

const PATH = "/1000";

export const cached: Case = {
  title: "A service, cached",
  what:
    "`/1000`, 209 digits that the service has in its cache, beside Hono with the same bytes and headers " +
    "as a constant. 64 connections, answers a second, counted over 2 s after 1 s that is not.",
  notes: [
    "The constant is what any cache behind Hono could reach at most: it looks at nothing but the path. This " +
    "project checks Host, Accept, Range and deadline, finds the answer, and counts it in its metrics.",
  ],
  metrics: [
    {
      key: "answersPerSecond",
      label: "answers/s",
      better: "higher",
      target: { against: "hono-constant", atLeast: 0.9 },
    },
  ],
  contenders: ["ours-cached", "hono-constant"],
  rounds: { quick: 0, all: 7 },
  async trial(id, contender, { size, wrk }) {
    const command = id === "hono-constant"
      ? constantServer("hono", await ourAnswer(size))
      : contender.server!(size);
    await using server = await Server.start(command);
    const load = { port: server.port, path: PATH, connections: 64 };
    await putLoad({ ...load, seconds: 1 }, wrk);
    return { answersPerSecond: await putLoad({ ...load, seconds: 2 }, wrk) };
  },
};

/** What this service answers from its cache. */
async function ourAnswer(size: number) {
  await using server = await Server.start(CONTENDERS["ours-cached"].server(size));
  await server.get(PATH);
  const { headers: { date: _, ...headers }, body } = await server.get(PATH);
  return { headers, body };
}
