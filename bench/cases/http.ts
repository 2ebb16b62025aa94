import type { Contender } from "../contenders/contender.ts";
import { putLoad } from "../runner/load.ts";
import { memoryMiB } from "../runner/proc.ts";
import { Server } from "../runner/server.ts";
import type { Case, Settings, Values } from "./case.ts";

const CONNECTIONS = 64;
/** The answers of each path that is asked for. */
const PATHS = { "/1": "1", "/20": "6765", "/25": "75025", "/30": "832040" };

export const http: Case = {
  title: "A service, nothing cached",
  what:
    "Naive Fibonacci numbers over HTTP, 64 connections, each of which asks again as soon as it is " +
    "answered. Answers a second, counted over 2 s (the short run: 1 s) after 1 s that is not. Memory is what all its " +
    "processes take (PSS) while they answer `/1`.",
  notes: [
    "This project answers by its whole service: validation, deadline, cancellation, estimate, ETag, " +
    "Server-Timing, metrics. The others have a route of three lines, and so has this project's pool alone, " +
    "for those who want to compare pools and not services.",
    "Pools on Deno answer through Hono, those on Node through `node:http` without a framework, which is " +
    "faster there than Hono.",
    "The others compute by a plain recursion, this project by one with checkpoints for its cancellation.",
    "From `/20` on the recursion counts, and with it the language: Tornado shows what CPython takes for " +
    "it, not what Tornado is worth. For `/1` it is the frameworks that are compared.",
    "The load runs on the cores that the servers need as well, and takes as much from all of them.",
    "`deno task start` caps V8's young generation, which costs some throughput and spares memory. The " +
    "others run as their runtime comes.",
  ],
  metrics: [
    {
      key: "/1",
      label: "`/1`, answers/s",
      better: "higher",
      target: { against: "peers", atLeast: 1.6 },
    },
    {
      key: "/20",
      label: "`/20`",
      better: "higher",
      target: { against: "peers", atLeast: 1.2 },
    },
    {
      key: "/25",
      label: "`/25`",
      better: "higher",
      target: { against: "peers", atLeast: 1 },
    },
    {
      key: "/30",
      label: "`/30`",
      better: "higher",
      target: { against: "peers", atLeast: 1 },
    },
    {
      key: "MiB",
      label: "MiB at `/1`",
      better: "lower",
      target: { atMost: 120 },
    },
  ],
  contenders: [
    "ours",
    "ours-pool",
    "comlink",
    "poolifier",
    "piscina",
    "piscina-4",
    "tinypool",
    "workerpool",
    "tornado",
    "hono-constant",
    "deno-constant",
  ],
  rounds: { quick: 2, all: 5 },
  trial,
};

async function trial(_: string, contender: Contender, settings: Settings): Promise<Values> {
  const { size, quick, wrk } = settings;
  const seconds = quick ? 1 : 2;
  await using server = await Server.start(contender.server!(size));
  const values: Record<string, number | undefined> = {};
  for (const [path, digits] of Object.entries(PATHS)) {
    const { body } = await server.get(path);
    if (contender.role === "limit") {
      if (path !== "/1") continue;
    } else if (body !== digits) throw new Error(`${path} was answered with ${body}`);
    const load = { port: server.port, path, connections: CONNECTIONS };
    await putLoad({ ...load, seconds: 1 }, wrk);
    const rate = putLoad({ ...load, seconds }, wrk);
    if (path === "/1") {
      await new Promise((resolve) => setTimeout(resolve, seconds * 750));
      values.MiB = memoryMiB(server.program.processes());
    }
    values[path] = await rate;
    if (quick) break;
  }
  return values;
}
