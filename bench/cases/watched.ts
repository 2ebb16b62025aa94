import { deno } from "../contenders/commands.ts";
import { mainThreadCpuUs } from "../runner/proc.ts";
import { Program } from "../runner/process.ts";
import { probe } from "../runner/prober.ts";
import { Server } from "../runner/server.ts";
import { median, quantile } from "../runner/statistics.ts";
import type { Case } from "./case.ts";

const PAGES = 100;
const PATH = "/20";
const EVERY_MS = 4;
/** Without and with pages, and back: what the machine does over time falls on both alike. */
const ORDER = [0, PAGES, PAGES, 0];

export const watched: Case = {
  title: "The service while it is watched",
  what:
    `\`${PATH}\`, 30 µs of work, is asked every ${EVERY_MS} ms, whether or not it has been answered before: while ` +
    `nobody watches, and while ${PAGES} open pages follow \`/events\`, in turn within each trial. What a page ` +
    "costs is how much more of a core the event loop's thread takes, by page.",
  notes: [
    "The pages are read by another process on the same cores, which does no more than read. A first version of it " +
    "read by `fetch`, took more of the cores itself, and gave ratios of 1.19, 1.19 and 1.55: browsers on the " +
    "machine of the service would be felt like that.",
    "A ratio below 1 is no gain: it tells how far the measurement can be trusted. Other paths were not asked.",
    "A ratio of two 99th percentiles is a restless thing: look at its range.",
  ],
  metrics: [
    { key: "ratio", label: "p99, watched / not", better: "lower", target: { atMost: 1.1 } },
    { key: "alonePMs", label: "p99 alone, ms", better: "lower" },
    { key: "watchedPMs", label: "p99 watched, ms", better: "lower" },
    {
      key: "pagePercent",
      label: "% of a core a page",
      better: "lower",
      target: { atMost: 1 },
    },
  ],
  contenders: ["ours"],
  rounds: { quick: 0, all: 7 },
  async trial(_, contender, { size, quick }) {
    await using server = await Server.start(contender.server!(size));
    await server.get(PATH);
    const phases: Awaited<ReturnType<typeof phase>>[] = [];
    for (const pages of ORDER) phases.push(await phase(server, pages, quick ? 2_000 : 5_000));
    const [alone, watched] = [0, PAGES].map((pages) =>
      phases.filter((phase) => phase.pages === pages)
    );
    const [alonePMs, watchedPMs] = [alone, watched].map((phases) =>
      median(phases.map(({ p99Ms }) => p99Ms))
    );
    const [aloneCpu, watchedCpu] = [alone, watched].map((phases) =>
      median(phases.map(({ cpuShare }) => cpuShare ?? NaN))
    );
    const pagePercent = (watchedCpu - aloneCpu) / PAGES * 100;
    return {
      ratio: watchedPMs / alonePMs,
      alonePMs,
      watchedPMs,
      pagePercent: Number.isNaN(pagePercent) ? undefined : pagePercent,
    };
  },
};

async function phase({ port, program }: Server, pages: number, forMs: number) {
  const command = deno("trials/watchers.ts", [`${port}`, `${pages}`], ["--allow-net=127.0.0.1"]);
  await using watchers = new Program(command, true);
  await watchers.ask("watching");
  const cpuBefore = mainThreadCpuUs(program.pid);
  const begin = performance.now();
  const { latenciesMs } = await probe(port, PATH, { everyMs: EVERY_MS, forMs });
  const cpuUs = mainThreadCpuUs(program.pid);
  return {
    pages,
    p99Ms: quantile(latenciesMs, 0.99),
    cpuShare: cpuUs && (cpuUs - cpuBefore!) / 1000 / (performance.now() - begin),
  };
}
