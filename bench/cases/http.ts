import { constantServer } from "../contenders/commands.ts";
import { type ContenderId, CONTENDERS } from "../contenders/mod.ts";
import { BROWSER_HEADERS } from "../runner/browser_headers.ts";
import { putLoad } from "../runner/load.ts";
import { cpuUs, mainThreadCpuUs, memoryMiB } from "../runner/proc.ts";
import { Server } from "../runner/server.ts";
import type { Case, Settings, Values } from "./case.ts";

const CONNECTIONS = 64;
const SECONDS = 2;

const WHAT =
  `${CONNECTIONS} connections, each of which asks again as soon as it is answered. Answers a second, counted over ${SECONDS} s ` +
  "after 1 s that is not, and the processor time of each: of the event loop's thread, and of the whole server. Once with " +
  "no more than `Host`, once with twelve headers as a browser sends them.";

const FAIRNESS = [
  "This project answers by its whole service: validation, deadline, cancellation, estimate, ETag, " +
  "Server-Timing, metrics. The others have a route of three lines, and so has this project's pool by " +
  "itself, for those who want to compare pools and not services.",
  "Pools on Deno answer through Hono, those on Node through `node:http` without a framework, which is " +
  "faster there than Hono.",
  "The load runs on the cores that the servers need as well, and takes as much from all of them. Processor time a " +
  "request repeats within some 5 % where rates drift by 20.",
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

const METRICS: Case["metrics"] = [
  { key: "rate", label: "answers/s", better: "higher" },
  { key: "mainUs", label: "event loop, µs", better: "lower" },
  { key: "allUs", label: "server, µs", better: "lower" },
  { key: "browserRate", label: "as a browser, answers/s", better: "higher" },
  { key: "browserMainUs", label: "event loop, µs", better: "lower" },
  { key: "browserAllUs", label: "server, µs", better: "lower" },
];

function computed(n: number, answer: string, run: string, more: Partial<Case> = {}): Case {
  return {
    title: `A service: \`/${n}\`, ${run}`,
    what: `Naive \`/${n}\` over HTTP, ${run}, nothing cached. ${WHAT}`,
    notes: [
      "The others compute by a plain recursion, this project by one with checkpoints for its cancellation. The " +
      "recursion counts with the language too: Tornado shows what CPython takes for it, not what Tornado is worth.",
      ...FAIRNESS,
    ],
    metrics: METRICS,
    contenders: ["ours", "ours-pool", ...PEERS],
    rounds: { quick: 0, all: 5 },
    trial: async (_, contender, settings) => {
      await using server = await Server.start(contender.server!(settings.size));
      return await measure(server, `/${n}`, answer, settings);
    },
    ...more,
  };
}

export const http1: Case = computed(1, "1", "hardly anything to compute", {
  metrics: [
    ...METRICS,
    { key: "MiB", label: "memory, MiB", better: "lower", target: { atMost: 120 } },
  ],
  contenders: ["ours", "ours-pool", ...PEERS, "hono-constant", "deno-constant"],
  rounds: { quick: 1, all: 7 },
});

export const http20: Case = computed(20, "6765", "some 30 µs of work");

export const http25: Case = computed(25, "75025", "0.4 ms of work");

const CACHED_PATH = "/1000";

export const cached: Case = {
  title: "A service, cached",
  what:
    `\`${CACHED_PATH}\`, 209 digits that the service has in its cache, beside Hono with the same bytes and headers as a ` +
    `constant. ${WHAT}`,
  notes: [
    "The constant is what any cache behind Hono could reach at most: it looks at nothing but the path. This " +
    "project checks Host, Accept, Range and deadline, finds the answer, and counts it in its metrics. The constant sets " +
    "its headers in the faster of two ways, as this project does: as an argument of `Response` they cost twice as much.",
  ],
  metrics: METRICS.map((metric) =>
    metric.key === "rate"
      ? { ...metric, target: { against: "hono-constant", atLeast: 0.7 } }
      : metric
  ),
  contenders: ["ours-cached", "hono-constant"],
  rounds: { quick: 0, all: 7 },
  async trial(id, contender, settings) {
    const answer = await ourAnswer(settings.size);
    const command = id === "hono-constant"
      ? constantServer("hono", answer)
      : contender.server!(settings.size);
    await using server = await Server.start(command);
    return await measure(server, CACHED_PATH, answer.body, settings);
  },
};

/** What this service answers from its cache. */
async function ourAnswer(size: number) {
  const id: ContenderId = "ours-cached";
  await using server = await Server.start(CONTENDERS[id].server(size));
  await server.get(CACHED_PATH);
  const { headers: { date: _, ...headers }, body } = await server.get(CACHED_PATH);
  return { headers, body };
}

/** @param answer What must come. */
async function measure(
  server: Server,
  path: string,
  answer: string,
  { wrk }: Settings,
): Promise<Values> {
  const { body } = await server.get(path);
  if (body !== answer) throw new Error(`${path} was answered with ${body}`);
  const { port, program } = server;
  const put = async (headers: readonly string[]) => {
    const load = { port, path, connections: CONNECTIONS, headers };
    await putLoad({ ...load, seconds: 1 }, wrk);
    const pids = program.processes();
    const before = { main: mainThreadCpuUs(program.pid), all: cpuUs(pids) };
    const rate = await putLoad({ ...load, seconds: SECONDS }, wrk);
    const after = { main: mainThreadCpuUs(program.pid), all: cpuUs(pids) };
    const each = (key: "main" | "all") =>
      before[key] === undefined || !rate
        ? undefined
        : (after[key]! - before[key]) / (rate * SECONDS);
    return { rate: rate || undefined, mainUs: each("main"), allUs: each("all") };
  };
  const bare = await put([]);
  const MiB = memoryMiB(program.processes());
  const browser = await put(BROWSER_HEADERS);
  return {
    ...bare,
    MiB,
    browserRate: browser.rate,
    browserMainUs: browser.mainUs,
    browserAllUs: browser.allUs,
  };
}
