import { file } from "../contenders/commands.ts";
import { drive, type Stream } from "./driver.ts";
import { ms, mustBeWell } from "./overload.ts";
import { must, type Scenario } from "./scenario.ts";
import { metric, startService } from "./server.ts";

const SMALL = { path: "/20?algorithm=naive", perSecond: 100, body: "6765" } satisfies Stream;
const MIDDLE = { path: "/30?algorithm=naive", perSecond: 50, body: "832040" } satisfies Stream;

/** What share of the calls may lose two workers. */
const MOST_TWICE = 1 / 50;

export const deaths: Scenario = {
  what:
    "Every 200 ms one of the workers is ended, in the middle of a call or not, while small and middle-sized calls come in. " +
    "Milliseconds.",
  async *run({ seconds, random }) {
    await using server = await startService({}, [`--preload=${file("servers/reaper.ts")}`]);
    const { port } = server;
    const [small, middle] = await drive([SMALL, MIDDLE], { port, seconds, random });
    for (const outcome of [small, middle]) {
      mustBeWell(outcome, "500");
      // A call is run again once. One that loses two workers is a 500: rare, and less so where other programs slow it down.
      const most = Math.ceil(MOST_TWICE * outcome.count("200"));
      must(outcome.count("500") <= most, `${outcome.count("500")} calls have failed`);
    }
    const restarts = await metric(server, "fib_pool_restarts_total");
    must(restarts > 0, "no worker has ended: nothing was tried");
    yield {
      restarts,
      answered: small.count("200") + middle.count("200"),
      others: [small, middle].map((outcome) => outcome.others("200")).filter(Boolean).join(", "),
      "small p50": ms(small.latencyMs("200", 0.5)),
      "small p99": ms(small.latencyMs("200", 0.99)),
      "small max": ms(small.latencyMs("200", 1)),
    };
  },
};
