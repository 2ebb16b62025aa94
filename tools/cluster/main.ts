/**
 * Several instances of the service on one machine, behind HAProxy: `deno task cluster`.
 *
 * ```
 *                    ┌─► instance ─┐
 *  clients ─► HAProxy ─► instance  ├─ each with its share of the cores
 *                    └─► instance ─┘
 * ```
 *
 * One line of JSON on stdout says that all of them are ready. What they log goes to stderr. Whoever dies is started
 * again. SIGTERM or SIGINT ends all of them within `GRACE_MS`.
 *
 * @module
 */

import { ConfigError } from "../../lib/config.ts";
import { configureLog, getLogger } from "../../lib/log.ts";
import { balancerProgram, findBalancer } from "./balancer.ts";
import { instanceProgram } from "./instance.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { freePorts, requireFree } from "./ports.ts";
import { Supervised } from "./supervised.ts";

/** So long after the first signal another one is its echo: `deno task` passes each SIGINT on twice. */
const ECHO_MS = 250;

const log = getLogger("cluster");
const instances: Supervised[] = [];
let balancer: Supervised | undefined;

try {
  const options = await readOptions(Deno.args, Deno.env.toObject());
  if (options === "help") console.log(HELP);
  else await start(options);
} catch (error) {
  await killAll();
  console.error((error as Error).message);
  Deno.exit(error instanceof ConfigError ? 2 : 1);
}

async function start(options: Options): Promise<void> {
  configureLog("info");
  const { host, workers, deadlineMs, graceMs } = options;
  // Before anything is started: the rest is of no use without it.
  findBalancer();
  requireFree(host, options.port);
  onSignals(graceMs);
  const cores = navigator.hardwareConcurrency;
  log.info("starting", { instances: options.instances, cores, workersOfEach: workers });
  const [ownPort, ...ports] = freePorts(options.instances + 1);
  const port = options.port === 0 ? ownPort : options.port;
  instances.push(...ports.map((port) => new Supervised(instanceProgram(port, options))));
  await Promise.all(instances.map((instance) => instance.start()));
  // Not before there is somebody to ask: its checks would have to find out that they live.
  balancer = new Supervised(balancerProgram({ host, port, ports, deadlineMs, graceMs }));
  await balancer.start();
  const processes = [balancer, ...instances].map(({ role, pid, url }) => ({ role, pid, url }));
  console.log(JSON.stringify({ url: balancer.url, processes }));
}

function onSignals(graceMs: number): void {
  let stoppingSince: number | undefined;
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(signal, () => {
      const now = performance.now();
      if (stoppingSince === undefined) {
        stoppingSince = now;
        log.info("stopping", { signal });
        endAll(graceMs).then(() => Deno.exit(0));
      } else if (now - stoppingSince > ECHO_MS) {
        killAll().then(() => Deno.exit(code));
      }
    });
  }
}

/**
 * Ends all within `graceMs`:
 *
 * 1. All are told. The balancer takes no more connections, and instances finish what they have.
 * 2. When the instances have ended, the balancer has nothing to wait for.
 * 3. Whatever is left at the end of the grace period is killed.
 */
async function endAll(graceMs: number): Promise<void> {
  const timer = setTimeout(killAll, graceMs);
  const balancerEnds = balancer?.end("SIGUSR1");
  await Promise.all(instances.map((instance) => instance.end("SIGTERM")));
  balancer?.end("SIGTERM");
  await balancerEnds;
  clearTimeout(timer);
}

async function killAll(): Promise<void> {
  await Promise.all([balancer, ...instances].map((one) => one?.end("SIGKILL")));
}
