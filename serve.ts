/**
 * The service for `deno serve`, which chooses port, host and number of processes. The other settings are read from the
 * environment.
 *
 * ```sh
 * deno serve --allow-env --allow-read --allow-sys=setPriority --port 8000 serve.ts
 * ```
 *
 * @module
 */

import { ConfigError, loadConfig } from "./lib/config.ts";
import { exitOnSignal } from "./lib/hono/mod.ts";
import { compose, explain, type Service } from "./lib/service.ts";

/** Settings that `deno serve` has its own flags for, or does not use. */
const UNUSED = new Set(["PORT", "HOST", "OPS_PORT"]);

async function start(): Promise<Service> {
  const config = await loadConfig({
    args: [],
    env: (name) => UNUSED.has(name) ? undefined : Deno.env.get(name),
  });
  if (typeof config === "string") throw new TypeError("Without arguments there is no --help");
  const service = await compose(config, {
    worker: new URL("./worker.ts", import.meta.url),
    page: new URL("./dist/web/", import.meta.url),
  });
  exitOnSignal(() => service.app.drain(config.drainDelayMs), { graceMs: config.graceMs });
  // Requests that come before the workers are ready wait for them.
  service.start().catch((error) => {
    console.error(explain(error));
    Deno.exit(1);
  });
  return service;
}

let service: Service;
try {
  service = await start();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}

export default { fetch: service.fetch };
