import { Asker } from "./asker.ts";
import { drive, type Stream } from "./driver.ts";
import { ms, mustBeWell } from "./overload.ts";
import { must, type Row, type Scenario, type Settings } from "./scenario.ts";
import { startService } from "./server.ts";

/** Small calls: what everyone else wants. */
const SMALL = { path: "/20?algorithm=naive", perSecond: 100, body: "6765" } satisfies Stream;

/** Long enough for the hogs to have all workers before the small ones come. */
const SETTLE_MS = 300;

/**
 * Small calls beside somebody's large ones.
 *
 * @param lanes How many large ones there are at a time, each asked for as soon as the one before is answered.
 */
function neighbours(what: string, path: string, lanes: number): Scenario {
  return {
    what:
      `${what} ${SMALL.perSecond} times a second, \`${SMALL.path}\`, 30 µs of work. Milliseconds.`,
    async *run(settings) {
      yield await beside("", 0, settings);
      yield await beside(path, lanes, settings);
    },
  };
}

async function beside(path: string, lanes: number, { seconds, random }: Settings): Promise<Row> {
  await using server = await startService();
  const { port } = server;
  const hogs = new Asker(port, lanes);
  const ends = new Map<string, number>();
  let isOver = false;
  const hogging = Array.from({ length: lanes }, async () => {
    while (!isOver) {
      const { end } = await hogs.ask(path);
      if (!isOver) ends.set(end, (ends.get(end) ?? 0) + 1);
      // Whoever is refused comes back, and not at once.
      if (end !== "200") await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  await new Promise((resolve) => setTimeout(resolve, lanes > 0 ? SETTLE_MS : 0));
  const begin = performance.now();
  const [small] = await drive([SMALL], { port, seconds, random, patienceMs: 60_000 });
  const took = (performance.now() - begin) / 1000;
  isOver = true;
  hogs.giveUp();
  await Promise.all(hogging);
  mustBeWell(small);
  const answered = ends.get("200") ?? 0;
  for (const end of ends.keys()) {
    must(["200", "422", "503", "504"].includes(end), `A large call was answered with ${end}`);
  }
  return {
    beside: lanes === 0 ? "nobody" : `${lanes} × ${path}`,
    answered: small.count("200"),
    others: small.others("200"),
    p50: ms(small.latencyMs("200", 0.5)),
    p99: ms(small.latencyMs("200", 0.99)),
    max: ms(small.latencyMs("200", 1)),
    "large/s": lanes === 0 ? "" : ms(answered / took),
    "large, others": [...ends].filter(([end]) => end !== "200")
      .map(([end, count]) => `${count} × ${end}`).join(", "),
  };
}

export const heavy: Scenario = neighbours(
  "Two clients ask for naive /47, which takes half a minute and more, one after the other. Everyone else asks",
  "/47?algorithm=naive",
  2,
);

export const hogs: Scenario = neighbours(
  "Two clients ask for naive /38, some 0.2 s of work, one after the other. Everyone else asks",
  "/38?algorithm=naive",
  2,
);

export const large: Scenario = neighbours(
  "Twenty clients ask for two million digits each, one after the other. Everyone else asks",
  "/10000000",
  20,
);
