/**
 * The program: reads its settings, listens, says when it is ready, and ends when it is told to. `lib/service.ts` puts
 * together what answers.
 *
 * ```
 * config → compose: pool → cached → app → Deno.serve → workers → ready line → signal → drain → exit
 * ```
 *
 * @module
 */

import { type Config, ConfigError, helpText, loadConfig } from "./lib/config.ts";
import { exitOnSignal } from "./lib/hono/mod.ts";
import { listen, type Listener } from "./lib/listen.ts";
import { getLogger } from "./lib/log.ts";
import { PoolClosedError } from "./lib/pool/mod.ts";
import { compose, explain, type Service } from "./lib/service.ts";
import { VERSION } from "./lib/version.ts";

const PLACES = {
  worker: new URL("./worker.ts", import.meta.url),
  page: new URL("./dist/web/", import.meta.url),
};

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
  const service = await compose(config, PLACES);
  const { app, fetch, pool } = service;
  // Before it listens: whoever gets through to it may also tell it to stop.
  exitOnSignal((signal) => {
    log.info("stopping", { signal });
    return drain(service, server, config);
  }, { graceMs: config.graceMs + FAREWELL_MS, lingerMs: 0 });
  const server = config.opsPort === 0 ? listen(config, fetch) : listen(
    config,
    (request, info) => fetch(request, Object.assign(info, { withoutOperator: true })),
  );
  // It is there until the process ends: a drain is to be seen.
  const ops = config.opsPort > 0
    ? listen({ host: config.host, port: config.opsPort }, app.fetch)
    : undefined;
  await service.start();
  // What was needed to get here, and is not any more.
  Deno.permissions.revokeSync({ name: "env" });
  const ready = {
    url: urlOf(server.addr),
    ...(ops && { ops: urlOf(ops.addr) }),
    workers: pool?.size ?? 0,
    readyMs: Math.round(performance.now()),
  };
  console.log(JSON.stringify(ready));
  log.info("started", { ...ready, config });
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
  { app, pool }: Service,
  server: Listener,
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
  const closed = pool?.close({ graceMs: 0, terminate: false });
  await Promise.race([Promise.all([finished, closed]), after(farewellMs)]);
  const totals = pool?.stats().totals;
  log.info("stopped", { done: totals?.done, abandoned: totals?.closed });
}

/** A wildcard address is no place to go to; this machine is. */
function urlOf(address: Deno.Addr): string {
  const { hostname, port } = address as Deno.NetAddr;
  const host = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
