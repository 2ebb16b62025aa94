import type { Contender } from "../contenders/contender.ts";
import { putLoad } from "../runner/load.ts";
import { memoryMiB } from "../runner/proc.ts";
import { Server } from "../runner/server.ts";
import type { Case, Settings, Values } from "./case.ts";

const CONNECTIONS = 64;

const FAIRNESS = [
  "This project answers by its whole service: validation, deadline, cancellation, estimate, ETag, " +
  "Server-Timing, metrics. The others have a route of three lines, and so has this project's pool by " +
  "itself, for those who want to compare pools and not services.",
  "Pools on Deno answer through Hono, those on Node through `node:http` without a framework, which is " +
  "faster there than Hono.",
  "The load runs on the cores that the servers need as well, and takes as much from all of them.",
  "`deno task start` caps V8's young generation, which costs some throughput and spares memory. The " +
  "others run as their runtime comes.",
];

const PEERS = [
  "comlink",
  "poolifier",
  "piscina",
  "piscina-4",
  "tinypool",
  "workerpool",
  "tornado",
] as const;

export const http: Case = {
  title: "A service with hardly anything to compute",
  what:
    "`/1` over HTTP, nothing cached, 64 connections, each of which asks again as soon as it is " +
    "answered. Answers a second, counted over 2 s after 1 s that is not. Memory is what all processes " +
    "of the server take meanwhile (PSS).",
  notes: FAIRNESS,
  metrics: [
    {
      key: "/1",
      label: "`/1`, answers/s",
      better: "higher",
      target: { against: "peers", atLeast: 1.6 },
    },
    { key: "MiB", label: "memory, MiB", better: "lower", target: { atMost: 120 } },
  ],
  contenders: ["ours", "ours-pool", ...PEERS, "hono-constant", "deno-constant"],
  rounds: { quick: 2, all: 7 },
  trial: (_, contender, settings) => trial({ "/1": "1" }, contender, settings),
};

export const work: Case = {
  title: "A service with something to compute",
  what:
    "The same with more work a request: naive Fibonacci numbers of 20 (some 30 µs), 25 (0.4 ms) and " +
    "30 (4 ms). Answers a second, each counted over 2 s after 1 s that is not.",
  notes: [
    "The others compute by a plain recursion, this project by one with checkpoints for its cancellation.",
    "A dash is not one answer in the two seconds: what is left in the queue of the load before is " +
    "computed first, by whoever can't take it back.",
    "The recursion counts most here, and with it the language: Tornado shows what CPython takes for it, not " +
    "what Tornado is worth.",
    ...FAIRNESS,
  ],
  metrics: [
    {
      key: "/20",
      label: "`/20`, answers/s",
      better: "higher",
      target: { against: "peers", atLeast: 1.2 },
    },
    {
      key: "/25",
      label: "`/25`, answers/s",
      better: "higher",
      target: { against: "peers", atLeast: 1 },
    },
    {
      key: "/30",
      label: "`/30`, answers/s",
      better: "higher",
      target: { against: "peers", atLeast: 1 },
    },
  ],
  contenders: ["ours", "ours-pool", ...PEERS],
  rounds: { quick: 0, all: 5 },
  trial: (_, contender, settings) =>
    trial({ "/20": "6765", "/25": "75025", "/30": "832040" }, contender, settings),
};

/** @param answers What is asked for, and what must come. */
async function trial(
  answers: Record<string, string>,
  contender: Contender,
  { size, wrk }: Settings,
): Promise<Values> {
  await using server = await Server.start(contender.server!(size));
  const values: Record<string, number | undefined> = {};
  for (const [path, digits] of Object.entries(answers)) {
    const { body } = await server.get(path);
    if (body !== digits) throw new Error(`${path} was answered with ${body}`);
    const load = { port: server.port, path, connections: CONNECTIONS };
    await putLoad({ ...load, seconds: 1 }, wrk);
    const rate = putLoad({ ...load, seconds: 2 }, wrk);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    values.MiB ??= memoryMiB(server.program.processes());
    values[path] = await rate || undefined;
  }
  return values;
}
