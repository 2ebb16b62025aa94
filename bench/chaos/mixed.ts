import { memoryMiB } from "../runner/proc.ts";
import { drive, type Stream } from "./driver.ts";
import { ms, mustBeWell } from "./overload.ts";
import { must, type Scenario } from "./scenario.ts";
import { startService } from "./server.ts";

/** How many times a second each is asked for: some 60 % of two cores. */
const STREAMS: readonly Stream[] = [
  { path: "/20?algorithm=naive", perSecond: 200, body: "6765" },
  { path: "/30?algorithm=naive", perSecond: 60, body: "832040" },
  { path: "/33", perSecond: 100, body: "3524578" },
  { path: "/100000", perSecond: 50 },
  { path: "/3000000", perSecond: 5 },
  { path: "/abc", perSecond: 10 },
  { path: "/healthz", perSecond: 10 },
  { path: "/metrics", perSecond: 1 },
  { path: "/36?algorithm=naive", perSecond: 3, patienceMs: () => 50 },
];

/** Parts in which the memory is looked at, each after its load. */
const PARTS = 6;
/** How much the last may take more than the second: the first warms up. */
const GROWTH = 1.25;

export const mixed: Scenario = {
  what:
    "All kinds of requests at once, callers who leave among them, at some 60 % of two cores. Memory is what the process " +
    "takes (PSS), after each sixth of the time. Milliseconds.",
  async *run({ seconds, random }) {
    await using server = await startService();
    const memory: number[] = [];
    for (let part = 1; part <= PARTS; part++) {
      const { port } = server;
      const outcomes = await drive(STREAMS, { port, seconds: seconds / PARTS, random });
      for (const outcome of outcomes) mustBeWell(outcome, "404", "left");
      const MiB = memoryMiB(server.program.processes());
      if (MiB !== undefined) memory.push(MiB);
      const [small, middle] = outcomes;
      yield {
        part,
        asked: outcomes.reduce((sum, outcome) => sum + outcome.asked, 0),
        "/20 p50": ms(small.latencyMs("200", 0.5)),
        "/20 p99": ms(small.latencyMs("200", 0.99)),
        "/30 p99": ms(middle.latencyMs("200", 0.99)),
        refused: outcomes.reduce((sum, outcome) => sum + outcome.count("503"), 0),
        MiB: MiB?.toFixed(),
      };
    }
    // Minutes tell whether it grows; seconds tell nothing.
    if (seconds >= 60 && memory.length === PARTS) {
      const growth = memory.at(-1)! / memory[1];
      must(growth < GROWTH, `memory grew by ${growth.toFixed(2)} from the second part to the last`);
    }
  },
};
