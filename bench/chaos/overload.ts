import { putLoad } from "../runner/load.ts";
import type { Server } from "../runner/server.ts";
import { drive, type Outcome, type Stream } from "./driver.ts";
import { must, type Row, type Scenario, type Settings } from "./scenario.ts";
import { startControl, startService } from "./server.ts";

const TIMES = [0.7, 2, 5, 10];
const PATH = "/25?algorithm=naive";
const BODY = "75025";
/** After a storm: so many a second, for so long, or for as long as the storm if that was shorter. */
const CALM_PER_SECOND = 50;
const CALM_SECONDS = 3;
/** An answer that took longer, or was no answer, shows that the storm is not over. */
const CALM_MS = 25;

export const overload: Scenario = {
  what:
    "Naive /25, 0.4 ms of work, at multiples of what the service answers to 16 connections that each wait for their " +
    "answer. The control is a plain queue that answers the excess with a constant 503: what this machine can do at all, " +
    "beside the load, which takes its share of both cores. `late` is the driver's own lateness, which counts in all latencies; " +
    `\`calm after\` is when the last request came that was not answered within ${CALM_MS} ms, from the end of the storm. ` +
    "Milliseconds.",
  async *run(settings) {
    const perSecond = await capacity(settings);
    yield { server: "capacity", "offered/s": Math.round(perSecond) };
    const answered = new Map<number, number>();
    for (const start of [startControl, startService]) {
      for (const times of TIMES) {
        await using server = await start();
        const name = start === startControl ? "control" : "service";
        const row = await storm(server, perSecond * times, settings);
        if (name === "control") answered.set(times, row["200/s"]);
        yield {
          server: name,
          load: `${times} ×`,
          ...row,
          "of control": name === "service" ? percent(row["200/s"] / answered.get(times)!) : "",
        };
      }
    }
  },
};

async function capacity({ seconds, wrk }: Settings): Promise<number> {
  await using server = await startService();
  return await putLoad({ port: server.port, path: PATH, connections: 16, seconds }, wrk);
}

async function storm({ port }: Server, perSecond: number, { seconds, random }: Settings) {
  const load: Stream = { path: PATH, perSecond, body: BODY, to: seconds };
  const after: Stream = { path: PATH, perSecond: CALM_PER_SECOND, body: BODY, from: seconds };
  const calmSeconds = Math.min(CALM_SECONDS, seconds);
  const [storm, calm] = await drive([load, after], {
    port,
    seconds: seconds + calmSeconds,
    random,
  });
  mustBeWell(storm);
  mustBeWell(calm);
  return {
    "offered/s": Math.round(perSecond),
    "200/s": Math.round(storm.count("200") / seconds),
    "503/s": Math.round(storm.count("503") / seconds),
    "200 p50": ms(storm.latencyMs("200", 0.5)),
    "200 p99": ms(storm.latencyMs("200", 0.99)),
    "503 p50": ms(storm.latencyMs("503", 0.5)),
    "503 p99": ms(storm.latencyMs("503", 0.99)),
    late: ms(storm.latenessMs(0.99)),
    "calm after": ms(calm.lastSlowMs(CALM_MS)),
  } satisfies Row;
}

/** However bad the weather: no wrong answer, nothing but 200, 503 and 504, and nothing unanswered. */
export function mustBeWell(outcome: Outcome, ...more: readonly string[]): void {
  must(outcome.wrong === 0, `${outcome.wrong} answers are wrong`);
  const others = outcome.others("200", "503", "504", ...more);
  must(others === "", `Only 200, 503 and 504 may be answered, not ${others}`);
}

/** Milliseconds in three digits. */
export function ms(value: number): string {
  if (Number.isNaN(value)) return "–";
  return value >= 100 ? value.toFixed() : value.toPrecision(2);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
