/**
 * The composition root: the one file that knows the outside world. Everything else is given what it needs.
 *
 * ```
 * config → pool → cached → app → Deno.serve → workers → ready line → signal → drain → exit
 * ```
 *
 * @module
 */

import { estimator, type FibonacciApi, type FibonacciJob } from "./lib/compute/mod.ts";
import { type Config, ConfigError, helpText, loadConfig } from "./lib/config.ts";
import { DescriptorReserve } from "./lib/descriptor_reserve.ts";
import { EventLoopLag, Timeline, type TrustsProxy } from "./lib/hono/mod.ts";
import { createApp, type FibonacciTag, type Page, readPage } from "./lib/http/mod.ts";
import { listen, type Listener } from "./lib/listen.ts";
import { configureLog, getLogger } from "./lib/log.ts";
import { cached } from "./lib/pool/cached.ts";
import { PoolClosedError, type PoolEvent, WorkerPool } from "./lib/pool/mod.ts";
import { processMetrics } from "./lib/process_metrics.ts";
import { VERSION } from "./lib/version.ts";

/** What is left of the grace period for telling callers that they won't get an answer, and for exiting. */
const FAREWELL_MS = 500;

/**
 * How long the server goes on after it was told to stop, so that clients who ask one thing after the other learn from an
 * answer that their connection ends. Shorter, and what they have just sent is lost with it (23 of 64 such clients lost
 * a request); longer makes every stop take longer.
 */
const NEWS_MS = 100;

/** How long an answer may be on its way out of here after it was given to the runtime. */
const LINGER_MS = 100;

/** How long the cache's library waits for the workers at most; they take a tenth of a second, or something is wrong. */
const CACHE_AFTER_MS = 500;

/**
 * How long after the first signal another counts as the same: `deno task` passes each SIGINT on twice, and
 * a terminal's reaches both it and us. Shorter, and on a busy machine an echo would end what the first one
 * asked to finish; longer, and whoever is impatient has to wait.
 */
const ECHO_MS = 250;

const log = getLogger("fib");

try {
  const config = await loadConfig({ args: Deno.args, env: (name) => Deno.env.get(name) });
  if (config === "help") console.log(helpText());
  else if (config === "version") console.log(VERSION);
  else await start(config);
} catch (error) {
  // Told to stop before it was ready, the service is about to exit, with 0.
  if (!(error instanceof PoolClosedError)) {
    console.error(explain(error));
    Deno.exit(error instanceof ConfigError ? 2 : 1);
  }
}

async function start(config: Config): Promise<void> {
  configureLog(config.logLevel);
  const tracing = Deno.env.get("OTEL_DENO") === "true" ? await import("./lib/otel.ts") : undefined;
  // Throws in one line where it may not be read. The start of a worker would too, at length, 8 times each.
  Deno.statSync(new URL("./worker.ts", import.meta.url));
  const trustsProxy = await trusted(config.trustedProxies);
  const timeline = new Timeline<FibonacciTag>(["n", "algorithm"]);
  const estimate = estimator();
  const reserve = new DescriptorReserve(() =>
    Deno.openSync(new URL("./worker.ts", import.meta.url))
  );
  const nice = mayLowerPriority() ? config.nice : 0;
  const workerOptions: WorkerOptions = {
    type: "module",
    name: String(nice),
    deno: { permissions: nice > 0 ? { sys: ["setPriority"] } : "none" },
  };
  const pool = new WorkerPool<FibonacciApi>({
    spawn: () =>
      reserve.lend(() => new Worker(new URL("./worker.ts", import.meta.url), workerOptions)),
    size: config.workers,
    maxQueue: config.maxQueue,
    onEvent: (event) => {
      timeline.note(event, performance.now());
      logPoolEvent(event);
    },
    onRun: (run) => {
      timeline.record(run);
      if (run.end === "stopped") estimate.overran(run.tag as FibonacciJob | undefined, run.runMs);
    },
    tracer: tracing?.openTelemetry,
  });
  if (tracing) (await import("./lib/otel_metrics.ts")).exportPoolMetrics(() => pool.stats());
  const cache = config.cacheMb > 0
    ? cached(pool, { maxBytes: config.cacheMb * 1_000_000 })
    : undefined;
  const eventLoopLag = new EventLoopLag();
  const app = createApp({
    backend: cache ?? pool,
    estimateMs: estimate,
    learn: estimate.learn,
    trustsProxy,
    timeline,
    eventLoopLag,
    page: builtPage,
    moreMetrics: processMetrics,
    maxN: config.maxN,
    deadlineMs: config.deadlineMs,
    algorithm: config.algorithm,
  });
  const fetch = config.corsOrigin === ""
    ? app.fetch
    : (await import("./lib/http/cors.ts")).withCors(app.fetch, config.corsOrigin);
  // Before it listens: whoever gets through to it may also tell it to stop.
  onFirstSignal((signal) => {
    log.info("stopping", { signal });
    return drain(app, server, pool, config);
  });
  const server = config.opsPort === 0 ? listen(config, fetch) : listen(
    config,
    (request, info) => fetch(request, Object.assign(info, { withoutOperator: true })),
  );
  // It is there until the process ends: a drain is to be seen.
  const ops = config.opsPort > 0
    ? listen({ host: config.host, port: config.opsPort }, app.fetch)
    : undefined;
  eventLoopLag.start();
  if (cache) {
    // The library behind it takes 12 ms to import, which whoever asks first need not wait for. A worker that
    // can't be started is no reason to be without it, though.
    await Promise.race([pool.ready.catch(() => {}), after(CACHE_AFTER_MS)]);
    await cache.load();
  }
  await pool.ready;
  // What was needed to get here, and is not any more.
  Deno.permissions.revokeSync({ name: "env" });
  const ready = {
    url: urlOf(server.addr),
    ...(ops && { ops: urlOf(ops.addr) }),
    workers: pool.size,
    readyMs: Math.round(performance.now()),
  };
  console.log(JSON.stringify(ready));
  log.info("started", { ...ready, config });
  // Until it is done, and if it fails, estimates are those of a reference machine.
  pool.call("calibrate", []).then(
    (speed) => {
      estimate.speed = speed;
      log.debug("calibrated", { speed });
    },
    (error) => log.debug("not calibrated", { error }),
  );
}

/** @throws {ConfigError} If the list has something else than addresses and networks. */
async function trusted(proxies: string): Promise<TrustsProxy | undefined> {
  if (proxies === "") return undefined;
  // It is imported by those who want it: it takes some milliseconds.
  const { trustedProxies } = await import("./lib/trusted_proxies.ts");
  try {
    return trustedProxies(proxies);
  } catch (error) {
    throw new ConfigError(`TRUSTED_PROXIES is "${proxies}": ${(error as Error).message}`);
  }
}

/** On Linux alone a thread has a priority of its own. */
function mayLowerPriority(): boolean {
  return Deno.build.os === "linux" &&
    Deno.permissions.querySync({ name: "sys", kind: "setPriority" }).state === "granted";
}

/** Whether it was said that the dashboard can't be read: it is looked for whenever somebody asks for it. */
let toldOfPage = false;

/** What `deno task build` has made of the dashboard, if it has. */
async function builtPage(): Promise<Page | undefined> {
  const folder = new URL("./dist/web/", import.meta.url);
  try {
    return await readPage((path) => Deno.readFile(new URL(path, folder)));
  } catch (error) {
    // Not built is no fault; half built is one, and no reason to be without the list of links.
    if (!(error instanceof Deno.errors.NotFound) && !toldOfPage) {
      toldOfPage = true;
      log.error("dashboard can't be read: build it again", { error });
    }
    return undefined;
  }
}

/** Calls `stop` at the first signal and exits when it is done; at the second, exits at once. */
function onFirstSignal(stop: (signal: Deno.Signal) => Promise<void>): void {
  const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  let stoppingSince: number | undefined;
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      const now = performance.now();
      if (stoppingSince === undefined) {
        stoppingSince = now;
        stop(signal).finally(() => Deno.exit(0));
      } else if (now - stoppingSince > ECHO_MS) {
        Deno.exit(codes[signal]);
      }
    });
  }
}

/**
 * Ends the service within `graceMs`, without losing a request that it has accepted:
 *
 * 1. `/readyz` says no for `drainDelayMs`, and work is still taken: balancers learn of it before anything is refused.
 * 2. New work is refused, `/readyz` says so, and event streams end: the server would wait for them for ever. Answers say
 *    that their connections end.
 * 3. A moment later the server takes no more connections, and finishes the requests it has.
 * 4. What is not done when the grace period ends is answered with 503, and its workers stop.
 *
 * A connection on which no whole request has come is not waited for: its client may never send the rest.
 */
async function drain(
  app: { drain(delayMs: number): Promise<void> },
  server: Listener,
  pool: WorkerPool<FibonacciApi>,
  config: Pick<Config, "graceMs" | "drainDelayMs">,
): Promise<void> {
  const quiet = app.drain(config.drainDelayMs);
  if (config.drainDelayMs > 0) await after(config.drainDelayMs);
  const graceMs = config.graceMs - config.drainDelayMs;
  const farewellMs = Math.min(FAREWELL_MS, graceMs / 2);
  const finished = (async () => {
    await after(NEWS_MS);
    // The last bytes of the last answer are on their way when it counts as sent.
    await Promise.race([server.shutdown(), quiet.then(() => after(LINGER_MS))]);
  })();
  await Promise.race([finished, after(graceMs - farewellMs)]);
  // The exit that follows ends the workers, too.
  const closed = pool.close({ graceMs: 0, terminate: false });
  await Promise.race([Promise.all([finished, closed]), after(farewellMs)]);
  const { totals } = pool.stats();
  log.info("stopped", { done: totals.done, abandoned: totals.closed });
}

function logPoolEvent({ type, slot, ...details }: PoolEvent): void {
  const level = { ready: "debug", unwedged: "info", failed: "error" } as const;
  const method = type === "crashed" || type === "wedged" ? "warning" : level[type];
  log[method](`worker ${type}`, { slot, ...details });
}

/** A wildcard address is no place to go to; this machine is. */
function urlOf(address: Deno.Addr): string {
  const { hostname, port } = address as Deno.NetAddr;
  const host = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}

/** One line for whoever started the service, whatever went wrong. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return (error.message + cause).replaceAll(/\s*\n\s*/g, " ");
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
