import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type {
  ComputeStats,
  FibonacciJob,
  FibonacciResult,
  PoolStats,
  SlotState,
} from "../compute/mod.ts";
import type { LagSummary } from "./event_loop_lag.ts";

/** From a cached answer to the longest a call may take by default. */
const SECONDS = [
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
];
const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE"];
/** Every state has its series from the start: one that appears only when it matters breaks alerts. */
const SLOT_STATES = [
  "starting",
  "idle",
  "busy",
  "cancelling",
  "restarting",
  "wedged",
  "failed",
  "closed",
] as const satisfies readonly SlotState[];
const OUTCOMES = [
  "done",
  "failed",
  "aborted",
  "expired",
  "refused",
  "crashed",
  "closed",
] as const satisfies readonly (keyof PoolStats["totals"])[];

/**
 * The service's metrics, in a registry of their own. Requests and answers are counted as they happen; the
 * rest mirrors one snapshot a scrape.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #registers = { registers: [this.#registry] };
  readonly #requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered.",
    labelNames: ["method", "route", "status"],
    ...this.#registers,
  });
  readonly #requestSeconds = new Histogram({
    name: "http_request_duration_seconds",
    help: "From the request to the headers of its answer.",
    labelNames: ["route"],
    buckets: SECONDS,
    ...this.#registers,
  });
  readonly #computeSeconds = new Histogram({
    name: "fib_compute_seconds",
    help: "How long the function ran for an answer.",
    labelNames: ["algorithm"],
    buckets: SECONDS,
    ...this.#registers,
  });
  readonly #waitSeconds = new Histogram({
    name: "fib_queue_wait_seconds",
    help: "How long a call that was computed had waited for a worker.",
    buckets: SECONDS,
    ...this.#registers,
  });

  /** Counts a request. `route` is a pattern, never a path: each value is a series for ever. */
  countRequest(method: string, route: string, status: number, ms: number): void {
    this.#requests.inc({ method: METHODS.includes(method) ? method : "other", route, status });
    this.#requestSeconds.observe({ route }, ms / 1000);
  }

  /** Counts an answer's times, if it was computed for its call. */
  countAnswer(job: FibonacciJob, result: FibonacciResult): void {
    if (result.cache !== "miss" && result.cache !== "off") return;
    this.#computeSeconds.observe({ algorithm: job.algorithm }, result.computeMs / 1000);
    this.#waitSeconds.observe(result.queueMs / 1000);
  }

  /** The media type of {@linkcode text}. */
  readonly contentType = this.#registry.contentType;

  /** @returns Everything in Prometheus' text format. */
  text({ pool, cache }: ComputeStats, lag: LagSummary): Promise<string> {
    this.#lag.set({ stat: "max" }, lag.maxMs / 1000);
    this.#lag.set({ stat: "mean" }, lag.meanMs / 1000);
    if (cache) this.#setCache(cache);
    if (pool) this.#setPool(pool);
    return this.#registry.metrics();
  }

  readonly #lag = this.#gauge("fib_event_loop_lag_seconds", "Event loop, last minute.", ["stat"]);
  readonly #cacheCalls = this.#counter("fib_cache_calls_total", "Calls, by the cache's part.", [
    "result",
  ]);
  readonly #cacheBytes = this.#gauge("fib_cache_bytes", "What the answers held weigh.");
  readonly #cacheMaxBytes = this.#gauge("fib_cache_max_bytes", "What they may weigh.");
  readonly #cacheEntries = this.#gauge("fib_cache_entries", "Answers held.");

  #setCache(cache: NonNullable<ComputeStats["cache"]>): void {
    this.#cacheCalls.reset();
    this.#cacheCalls.inc({ result: "hit" }, cache.hits);
    this.#cacheCalls.inc({ result: "miss" }, cache.misses);
    this.#cacheCalls.inc({ result: "shared" }, cache.shared);
    this.#cacheBytes.set(cache.bytes);
    this.#cacheMaxBytes.set(cache.maxBytes);
    this.#cacheEntries.set(cache.entries);
  }

  readonly #calls = this.#counter("fib_pool_calls_total", "Calls, by their end.", ["outcome"]);
  readonly #restarts = this.#counter("fib_pool_restarts_total", "Workers replaced.");
  readonly #wedged = this.#gauge("fib_pool_wedged_threads", "Terminated threads that still run.");
  readonly #slots = this.#gauge("fib_pool_slots", "Workers, by what they do.", ["state"]);
  readonly #queueLength = this.#gauge("fib_queue_length", "Calls waiting.");
  readonly #queueMax = this.#gauge("fib_queue_max", "Calls that may wait.");
  readonly #predictedWait = this.#gauge("fib_queue_predicted_wait_seconds", "For a call made now.");

  #setPool({ queue, slots, totals }: PoolStats): void {
    this.#calls.reset();
    for (const outcome of OUTCOMES) this.#calls.inc({ outcome }, totals[outcome]);
    this.#restarts.reset();
    this.#restarts.inc(totals.restarts);
    this.#wedged.set(totals.wedged);
    for (const state of SLOT_STATES) {
      this.#slots.set({ state }, slots.filter((slot) => slot.state === state).length);
    }
    this.#queueLength.set(queue.length);
    this.#queueMax.set(queue.max);
    this.#predictedWait.set(queue.predictedWaitMs / 1000);
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, ...this.#registers });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, ...this.#registers });
  }
}
