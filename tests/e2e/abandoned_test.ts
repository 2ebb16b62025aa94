// Clients that hang up: what they asked for must not keep a core.

import { assert, assertGreater } from "@std/assert";
import { testWith } from "../permissions.ts";
import { assertAnswers33, CALIBRATED, METRIC, scrape, untilMetrics, write } from "./client.ts";
import { NO_DEADLINE, type Service, STARTS_PROGRAMS, startService } from "./service.ts";
import { later, pause } from "./waiting.ts";

const WORKERS = 2;
const ENV = { WORKERS: String(WORKERS), ...NO_DEADLINE };

/** Asks for F(n) the slow way and hangs up after `ms`. */
async function abandon(service: Service, n: number, ms: number): Promise<void> {
  using conn = await service.connect();
  await write(conn, `GET /${n}?algorithm=naive HTTP/1.1\r\nHost: x\r\n\r\n`);
  await pause(ms);
}

/** Asserts that every worker comes to rest, and none was replaced for that. */
async function assertComesToRest(service: Service): Promise<void> {
  const idle = { [METRIC.idle]: WORKERS, [METRIC.queued]: 0 };
  await untilMetrics(service, { ...idle, [METRIC.restarts]: 0, [METRIC.wedged]: 0 });
  assertGreater((await scrape(service)).get(METRIC.aborted)!, 0);
  await assertAnswers33(service, "?algorithm=naive");
  await untilMetrics(service, { ...idle, [METRIC.restarts]: 0, [METRIC.wedged]: 0 });
  await assertQuiet(service);
}

/** Asserts that the process uses no more than half a core, where the system tells: a stuck worker takes one. */
async function assertQuiet(service: Service): Promise<void> {
  const before = cpuTicks(service);
  if (before === undefined) return;
  const startedAt = performance.now();
  await pause(100);
  const used = cpuTicks(service)! - before;
  const elapsed = (performance.now() - startedAt) / MS_PER_TICK;
  assert(used < elapsed / 2, `${used} ticks of CPU time in ${elapsed}`);
}

/** What /proc counts in, on every Linux that Deno runs on. */
const MS_PER_TICK = 10;

/** @returns The CPU time of the service's process; `undefined` where the system doesn't tell. */
function cpuTicks({ servicePid }: Service): number | undefined {
  if (servicePid === undefined) return undefined;
  const stat = Deno.readTextFileSync(`/proc/${servicePid}/stat`);
  // The name before it, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime, stime] = fields.slice(11, 13).map(Number);
  return utime + stime;
}

testWith(STARTS_PROGRAMS, "a client that hangs up frees the worker", async () => {
  await using service = await startService({ env: ENV });
  await untilMetrics(service, CALIBRATED);
  const abandoned = later(abandon(service, 50, 200));
  await untilMetrics(service, { [METRIC.busy]: 1 });
  await abandoned;
  await untilMetrics(service, { [METRIC.aborted]: 1 });
  await assertComesToRest(service);
});

testWith(STARTS_PROGRAMS, "sixty clients that hang up at any moment free the workers", async () => {
  // Without a cache no two of them share a call.
  await using service = await startService({ env: { ...ENV, CACHE_MB: "0" } });
  // More at a time than workers: some hang up while they wait.
  const lanes = Array.from({ length: 4 }, async () => {
    for (let i = 0; i < 15; i++) await abandon(service, 50, Math.random() * 100);
  });
  await Promise.all(lanes);
  await assertComesToRest(service);
});
