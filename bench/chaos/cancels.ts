import { drive, type Stream } from "./driver.ts";
import { ms, mustBeWell } from "./overload.ts";
import { must, type Scenario } from "./scenario.ts";
import { metric, startService } from "./server.ts";

const SMALL = { path: "/20?algorithm=naive", perSecond: 50, body: "6765" } satisfies Stream;
const PER_SECOND = 200;
/** Whoever leaves does so within this. */
const PATIENCE_MS = 200;

export const cancels: Scenario = {
  what:
    `${PER_SECOND} times a second somebody asks for naive /36, some 0.1 s of work, and leaves within ${PATIENCE_MS} ms, ` +
    `answered or not; ${SMALL.perSecond} times a second somebody asks for a small one and stays. Milliseconds.`,
  async *run({ seconds, random }) {
    await using server = await startService();
    const leaving: Stream = {
      path: "/36?algorithm=naive",
      perSecond: PER_SECOND,
      body: "14930352",
      patienceMs: () => random() * PATIENCE_MS,
    };
    const { port } = server;
    const [left, small] = await drive([leaving, SMALL], { port, seconds, random });
    mustBeWell(small);
    mustBeWell(left, "left");
    const restarts = await metric(server, "fib_pool_restarts_total");
    must(restarts === 0, `${restarts} workers were replaced because callers left`);
    yield {
      left: left.count("left"),
      answered: left.count("200"),
      refused: left.count("503"),
      "small answered": small.count("200"),
      others: small.others("200"),
      p50: ms(small.latencyMs("200", 0.5)),
      p99: ms(small.latencyMs("200", 0.99)),
      restarts,
    };
  },
};
