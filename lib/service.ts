import { estimator, type FibonacciApi, type FibonacciJob } from "./compute/mod.ts";
import { type Config, ConfigError } from "./config.ts";
import { DescriptorReserve } from "./descriptor_reserve.ts";
import { EventLoopLag, type TrustsProxy } from "./hono/mod.ts";
import { type App, createApp, type Page, readPage } from "./http/mod.ts";
import { configureLog, getLogger } from "./log.ts";
import { cached } from "./pool/cached.ts";
import {
  type Backend,
  type PoolEvent,
  type PoolObserver,
  type Run,
  WorkerPool,
} from "./pool/mod.ts";
import { processMetrics } from "./process_metrics.ts";

/** How long at most the import of the cache's library waits for the workers, which take a tenth of a second. */
const CACHE_AFTER_MS = 500;

const log = getLogger("fib");

/** Where the files are that are not imported. */
export interface Places {
  /** The worker's module. */
  readonly worker: URL;
  /** The folder with the page, which need not be there. */
  readonly page: URL;
}

/** The service. */
export interface Service {
  /** Answers requests, and drains. */
  readonly app: App;
  /** Answers requests, to pages of other origins too if that is configured. */
  readonly fetch: App["fetch"];
  /** The workers. Without Web Workers there are none, and this thread computes. */
  readonly pool: WorkerPool<FibonacciApi> | undefined;
  /**
   * Resolves when every worker takes calls. To be called when the service listens: it answers meanwhile.
   *
   * @throws {WorkerCrashedError} (rejects) If no worker can be started.
   */
  start(): Promise<void>;
}

/**
 * Makes the service of settings, workers, cache and app. `main.ts` serves it and ends it; `serve.ts` gives it to
 * `deno serve`.
 *
 * @throws {ConfigError} If `TRUSTED_PROXIES` has an entry that is neither an address nor a network.
 * @throws {Error} If the worker's module may not be read.
 */
export async function compose(config: Config, places: Places): Promise<Service> {
  configureLog(config.logLevel);
  const trustsProxy = await trusted(config.trustedProxies);
  const estimate = estimator();
  const onRun = ({ end, tag, runMs }: Run) => {
    if (end === "stopped") estimate.overran(tag as FibonacciJob | undefined, runMs);
  };
  const pool = typeof Worker === "function"
    ? await startWorkers(config, places.worker, { onEvent: logPoolEvent, onRun })
    : undefined;
  const backend = pool ?? await onThisThread();
  const cache = config.cacheMb > 0
    ? cached(backend, { maxBytes: config.cacheMb * 1_000_000 })
    : undefined;
  const eventLoopLag = new EventLoopLag();
  const app = createApp({
    backend: cache ?? backend,
    estimateMs: estimate,
    learn: estimate.learn,
    trustsProxy,
    eventLoopLag,
    page: () => builtPage(places.page),
    moreMetrics: processMetrics,
    maxN: config.maxN,
    deadlineMs: config.deadlineMs,
    algorithm: config.algorithm,
  });
  const fetch = config.corsOrigin === ""
    ? app.fetch
    : (await import("./http/cors.ts")).withCors(app.fetch, config.corsOrigin);
  return {
    app,
    fetch,
    pool,
    async start() {
      eventLoopLag.start();
      if (cache) {
        // Its library takes 12 ms to import: the first request does not wait for it. It is imported even if no
        // worker can be started.
        await Promise.race([pool?.ready.catch(() => {}), after(CACHE_AFTER_MS)]);
        await cache.load();
      }
      await pool?.ready;
      // Until then, and if it fails, estimates are those of the reference machine.
      backend.call("calibrate", []).then(
        (speed) => {
          estimate.speed = speed;
          log.debug("calibrated", { speed });
        },
        (error) => log.debug("not calibrated", { error }),
      );
    },
  };
}

/** Describes an error in one line, for who started the service. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return (error.message + cause).replaceAll(/\s*\n\s*/g, " ");
}

async function startWorkers(
  { nice: wanted, workers, maxQueue }: Config,
  module: URL,
  observer: PoolObserver,
): Promise<WorkerPool<FibonacciApi>> {
  const tracing = Deno.env.get("OTEL_DENO") === "true" ? await import("./pool/otel.ts") : undefined;
  // Throws in one line if it may not be read. Each worker would say so at length, 8 times.
  Deno.statSync(module);
  const reserve = new DescriptorReserve(() => Deno.openSync(descriptorOf(module)));
  const nice = mayLowerPriority() ? wanted : 0;
  const options: WorkerOptions = {
    type: "module",
    name: String(nice),
    deno: { permissions: nice > 0 ? { sys: ["setPriority"] } : "none" },
  };
  const pool = new WorkerPool<FibonacciApi>({
    spawn: () => reserve.lend(() => new Worker(module, options)),
    size: workers,
    maxQueue,
    ...observer,
    tracer: tracing?.openTelemetry,
  });
  if (tracing) (await import("./otel_metrics.ts")).exportPoolMetrics(() => pool.stats());
  return pool;
}

/** For platforms without Web Workers, such as Deno Deploy. */
async function onThisThread(): Promise<Backend<FibonacciApi>> {
  const [{ inline }, { fibonacciApi }, { loadKernels }] = await Promise.all([
    import("./pool/inline.ts"),
    import("./compute/api.ts"),
    import("./fibonacci/mod.ts"),
  ]);
  await loadKernels();
  return inline(fibonacciApi);
}

async function trusted(proxies: string): Promise<TrustsProxy | undefined> {
  if (proxies === "") return undefined;
  // Imported on demand: it takes some milliseconds.
  const { trustedProxies } = await import("./trusted_proxies.ts");
  try {
    return trustedProxies(proxies);
  } catch (error) {
    throw new ConfigError(`TRUSTED_PROXIES is "${proxies}": ${(error as Error).message}`);
  }
}

/** Returns a file that takes a descriptor when it is opened. Those in a compiled program take none. */
function descriptorOf(module: URL): URL | string {
  const device = "/dev/null";
  const takesNone = Deno.build.standalone && Deno.build.os !== "windows";
  const mayOpen = Deno.permissions.querySync({ name: "read", path: device }).state === "granted";
  return takesNone && mayOpen ? device : module;
}

/** Only on Linux does a thread have a priority of its own. */
function mayLowerPriority(): boolean {
  return Deno.build.os === "linux" &&
    Deno.permissions.querySync({ name: "sys", kind: "setPriority" }).state === "granted";
}

/** Whether the log has said that the page can't be read: each request for it tries again. */
let toldOfPage = false;

/** Reads the page that `deno task build` has made, if there is one. */
async function builtPage(folder: URL): Promise<Page | undefined> {
  try {
    return await readPage((path) => Deno.readFile(new URL(path, folder)));
  } catch (error) {
    // It need not be built. Half of one is an error, and `/` still has the list of links.
    if (!(error instanceof Deno.errors.NotFound) && !toldOfPage) {
      toldOfPage = true;
      log.error("page can't be read: build it again", { error });
    }
    return undefined;
  }
}

function logPoolEvent({ type, slot, ...details }: PoolEvent): void {
  const level = { ready: "debug", unwedged: "info", failed: "error" } as const;
  const method = type === "crashed" || type === "wedged" ? "warning" : level[type];
  log[method](`worker ${type}`, { slot, ...details });
}

/** Resolves after some milliseconds. */
export function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
