/**
 * The program: reads the settings, listens, says when it is ready, and drains when it is told to stop. `lib/service.ts`
 * makes the service.
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
import { after, compose, explain, type Service } from "./lib/service.ts";
import { VERSION } from "./lib/version.ts";

const PLACES = {
  worker: new URL("./worker.ts", import.meta.url),
  page: new URL("./dist/web/", import.meta.url),
};

/** The end of the grace period, for telling callers that they get no answer. */
const FAREWELL_MS = 500;

/**
 * How long the server goes on after the signal, so that clients learn from an answer that their connection ends. Less
 * would lose the requests that they have just sent (23 of 64 clients lost one). More would delay every stop.
 */
const NEWS_MS = 100;

/** How long the runtime may take to send an answer that it was given. */
const LINGER_MS = 100;

const log = getLogger("fib");

try {
  const config = await loadConfig({ args: Deno.args, env: (name) => Deno.env.get(name) });
  if (config === "help") console.log(helpText());
  else if (config === "version") console.log(VERSION);
  else await start(config);
} catch (error) {
  // A signal came before the service was ready. It is about to exit with 0.
  if (!(error instanceof PoolClosedError)) {
    console.error(explain(error));
    Deno.exit(error instanceof ConfigError ? 2 : 1);
  }
}

async function start(config: Config): Promise<void> {
  const service = await compose(config, PLACES);
  const { app, fetch, pool } = service;
  // Before it listens: who can connect may already send a signal.
  exitOnSignal((signal) => {
    log.info("stopping", { signal });
    return drain(service, server, config);
  }, { graceMs: config.graceMs + FAREWELL_MS, lingerMs: 0 });
  const server = config.opsPort === 0 ? listen(config, fetch) : listen(
    config,
    (request, info) => fetch(request, Object.assign(info, { withoutOperator: true })),
  );
  // Open until the process ends, so that operators can watch the drain.
  const ops = config.opsPort > 0
    ? listen({ host: config.host, port: config.opsPort }, app.fetch)
    : undefined;
  await service.start();
  // Only the start needs it.
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
 * Ends the service within `graceMs`, without losing an accepted request:
 *
 * 1. For `drainDelayMs`, `/readyz` fails and work is still taken, so that balancers know before anything is refused.
 * 2. New work is refused, and answers end their connections. Event streams end: the server would wait for them for ever.
 * 3. After a moment the server takes no more connections, and finishes the requests that it has.
 * 4. At the end of the grace period the rest is answered with 503, and the workers stop.
 *
 * A connection with half a request is not waited for: its client may never send the rest.
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
    // When an answer counts as sent, its last bytes may still be on their way.
    await Promise.race([server.shutdown(), quiet.then(() => after(LINGER_MS))]);
  })();
  await Promise.race([finished, after(graceMs - farewellMs)]);
  // The workers end when the program exits.
  const closed = pool?.close({ graceMs: 0, terminate: false });
  await Promise.race([Promise.all([finished, closed]), after(farewellMs)]);
  const totals = pool?.stats().totals;
  log.info("stopped", { done: totals?.done, abandoned: totals?.closed });
}

/** Returns an address to go to: this machine for a wildcard address. */
function urlOf(address: Deno.Addr): string {
  const { hostname, port } = address as Deno.NetAddr;
  const host = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}
