/**
 * The composition root: the one file that knows the outside world. Everything else is given what it needs.
 *
 * ```
 * config → pool → app → Deno.serve → workers → cached → ready line → signal → drain → exit
 * ```
 *
 * @module
 */

import {
  type CachedCompute,
  estimator,
  type FibonacciApi,
  pooled,
  replaceable,
  Timeline,
} from "./lib/compute/mod.ts";
import { type Config, ConfigError, helpText, loadConfig } from "./lib/config.ts";
import { createApp, EventLoopLag, type Page, readPage } from "./lib/http/mod.ts";
import { configureLog, getLogger } from "./lib/log.ts";
import { PoolClosedError, type PoolEvent, WorkerPool } from "./lib/pool/mod.ts";

/** What is left of the grace period for telling callers that they won't get an answer, and for exiting. */
const FAREWELL_MS = 500;

/** How long the cache waits for the workers at most; they take a tenth of a second, or something is wrong. */
const CACHE_AFTER_MS = 500;

/**
 * How long after the first signal another counts as the same: `deno task` passes each SIGINT on twice, and
 * a terminal's reaches both it and us. Shorter, and on a busy machine an echo would end what the first one
 * asked to finish; longer, and whoever is impatient has to wait.
 */
const ECHO_MS = 250;

const log = getLogger("fib");

try {
  const config = loadConfig({ args: Deno.args, env: (name) => Deno.env.get(name) });
  if (config === "help") console.log(helpText());
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
  const tracing = Deno.env.get("OTEL_DENO") === "true"
    ? await import("./lib/pool/tracing.ts")
    : undefined;
  // Throws in one line where it may not be read. The start of a worker would too, at length, 8 times each.
  Deno.statSync(new URL("./worker.ts", import.meta.url));
  const timeline = new Timeline();
  const pool = new WorkerPool<FibonacciApi>({
    spawn: () =>
      new Worker(new URL("./worker.ts", import.meta.url), {
        type: "module",
        deno: { permissions: "none" },
      }),
    size: config.workers,
    maxQueue: config.maxQueue,
    onEvent: (event) => {
      timeline.note(event, performance.now());
      logPoolEvent(event);
    },
    onRun: (run) => timeline.record(run),
    tracer: tracing?.openTelemetry,
  });
  const estimate = estimator();
  const compute = replaceable(pooled(pool, estimate));
  let cache: CachedCompute | undefined;
  const eventLoopLag = new EventLoopLag();
  const app = createApp({
    compute,
    estimateMs: estimate,
    stats: () => ({ pool: pool.stats(), cache: cache?.stats() ?? null }),
    waiting: () => pool.waiting,
    timeline,
    eventLoopLag,
    page: builtPage,
    maxN: config.maxN,
    deadlineMs: config.deadlineMs,
    algorithm: config.algorithm,
  });
  // Before it listens: whoever gets through to it may also tell it to stop.
  onFirstSignal((signal) => {
    log.info("stopping", { signal });
    return drain(app, server, pool, config.graceMs);
  });
  const server = listen(config, app.fetch);
  eventLoopLag.start();
  if (config.cacheMb > 0) {
    // The library behind it takes 12 ms to import, which whoever asks first need not wait for. A worker that
    // can't be started is no reason to be without it, though.
    await Promise.race([pool.ready.catch(() => {}), after(CACHE_AFTER_MS)]);
    const { cached } = await import("./lib/compute/cached.ts");
    cache = cached(pooled(pool, estimate), { maxBytes: config.cacheMb * 1_000_000 });
    compute.replace(cache);
  }
  await pool.ready;
  const ready = {
    url: urlOf(server.addr),
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

/** What `deno task build` has made of the dashboard, if it has. */
async function builtPage(): Promise<Page | undefined> {
  const folder = new URL("./dist/web/", import.meta.url);
  try {
    return await readPage((path) => Deno.readFile(new URL(path, folder)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** @throws {Error} If it can't, with the address: the runtime's own error doesn't tell it. */
function listen({ host, port }: Config, handler: Deno.ServeHandler): Deno.HttpServer {
  try {
    return Deno.serve({ port, hostname: host, onListen: () => {} }, handler);
  } catch (cause) {
    throw new Error(`Can't listen on ${host}:${port}`, { cause });
  }
}

/** Calls `stop` at the first signal and exits when it is done; at the second, exits at once. */
function onFirstSignal(stop: (signal: Deno.Signal) => Promise<void>): void {
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  let stoppingSince: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
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
 * 1. New work is refused, `/readyz` says so, and event streams end: the server would wait for them for ever.
 * 2. The server takes no more connections, and finishes the requests it has.
 * 3. What is not done when the grace period ends is answered with 503, and its workers stop.
 */
async function drain(
  app: { drain(): void },
  server: Deno.HttpServer,
  pool: WorkerPool<FibonacciApi>,
  graceMs: number,
): Promise<void> {
  app.drain();
  const finished = server.shutdown();
  const farewellMs = Math.min(FAREWELL_MS, graceMs / 2);
  await Promise.race([finished, after(graceMs - farewellMs)]);
  const closed = pool.close({ graceMs: 0 });
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
