import {
  type ComputeStats,
  type FibonacciJob,
  type FibonacciResult,
  Histogram,
  type PoolStats,
  type SlotState,
} from "../compute/mod.ts";
import type { LagSummary } from "./event_loop_lag.ts";
import { PrometheusText, type Sample } from "./prometheus_text.ts";

const METHODS = new Set(
  ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE"],
);
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
 * The service's metrics. Requests and answers are counted as they happen; the rest mirrors one snapshot a
 * scrape.
 */
export class Metrics {
  readonly #routes = new Map<string, Route>();
  readonly #computeMs = new Map<string, Histogram>();
  readonly #waitMs = new Histogram();

  /** Counts a request. `route` is a pattern, never a path: each value is a series for ever. */
  countRequest(method: string, route: string, status: number, ms: number): void {
    const counted = entry(this.#routes, route, () => new Route());
    counted.ms.record(ms);
    const counts = entry(counted.byStatus, status, () => new Map<string, number>());
    const name = METHODS.has(method) ? method : "other";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  /** Counts an answer's times, if it was computed for its call. */
  countAnswer(job: FibonacciJob, result: FibonacciResult): void {
    if (result.cache === "hit" || result.cache === "shared") return;
    entry(this.#computeMs, job.algorithm, () => new Histogram()).record(result.computeMs);
    this.#waitMs.record(result.queueMs);
  }

  /** Counts a route's answers by status, as {@linkcode text} does. */
  answers(route: string): Readonly<Record<number, number>> {
    const byStatus = this.#routes.get(route)?.byStatus ?? [];
    return Object.fromEntries(
      [...byStatus].map((
        [status, counts],
      ) => [status, [...counts.values()].reduce((a, b) => a + b)]),
    );
  }

  /** @returns Everything in Prometheus' text format. */
  text({ pool, cache }: ComputeStats, lag: LagSummary): string {
    const text = new PrometheusText();
    text.counter("http_requests_total", "Requests answered.", this.#requests());
    text.histogram(
      "http_request_duration_seconds",
      "From the request to the headers of its answer.",
      [...this.#routes].map(([route, { ms }]) => [{ route }, ms.snapshot()]),
    );
    text.histogram(
      "fib_compute_seconds",
      "How long the function ran for an answer.",
      [...this.#computeMs].map(([algorithm, ms]) => [{ algorithm }, ms.snapshot()]),
    );
    text.histogram(
      "fib_queue_wait_seconds",
      "How long a call that was computed had waited for a worker.",
      [[{}, this.#waitMs.snapshot()]],
    );
    text.gauge("fib_event_loop_lag_seconds", "Event loop, last minute.", [
      [{ stat: "max" }, lag.maxMs / 1000],
      [{ stat: "mean" }, lag.meanMs / 1000],
    ]);
    if (cache) writeCache(text, cache);
    if (pool) writePool(text, pool);
    return text.toString();
  }

  *#requests(): Generator<Sample> {
    for (const [route, { byStatus }] of this.#routes) {
      for (const [status, counts] of byStatus) {
        for (const [method, count] of counts) yield [{ method, route, status }, count];
      }
    }
  }
}

class Route {
  readonly ms = new Histogram();
  readonly byStatus = new Map<number, Map<string, number>>();
}

function writeCache(text: PrometheusText, cache: NonNullable<ComputeStats["cache"]>): void {
  text.counter("fib_cache_calls_total", "Calls, by the cache's part.", [
    [{ result: "hit" }, cache.hits],
    [{ result: "miss" }, cache.misses],
    [{ result: "shared" }, cache.shared],
    [{ result: "bypass" }, cache.bypassed],
  ]);
  text.gauge("fib_cache_bytes", "What the answers held weigh.", [[{}, cache.bytes]]);
  text.gauge("fib_cache_max_bytes", "What they may weigh.", [[{}, cache.maxBytes]]);
  text.gauge("fib_cache_entries", "Answers held.", [[{}, cache.entries]]);
}

function writePool(text: PrometheusText, pool: PoolStats): void {
  const { queue, slots, totals } = pool;
  text.counter(
    "fib_pool_calls_total",
    "Calls, by their end.",
    OUTCOMES.map((outcome) => [{ outcome }, totals[outcome]]),
  );
  text.counter(
    "fib_pool_refusals_total",
    "Calls refused, by reason.",
    Object.entries(pool.refusals).map(([reason, count]) => [{ reason }, count]),
  );
  text.histogram("fib_pool_wait_seconds", "From a call to its start.", [[{}, pool.waitMs]]);
  text.histogram("fib_pool_run_seconds", "How long calls ran, measured in the worker.", [
    [{}, pool.runMs],
  ]);
  text.histogram("fib_pool_transfer_seconds", "To the worker and back.", [[{}, pool.transferMs]]);
  text.counter("fib_pool_restarts_total", "Workers replaced.", [[{}, totals.restarts]]);
  text.gauge("fib_pool_wedged_threads", "Terminated threads that still run.", [
    [{}, totals.wedged],
  ]);
  text.gauge(
    "fib_pool_slots",
    "Workers, by what they do.",
    SLOT_STATES.map((state) => [{ state }, slots.filter((slot) => slot.state === state).length]),
  );
  text.gauge("fib_queue_length", "Calls waiting.", [[{}, queue.length]]);
  text.gauge("fib_queue_long", "Long calls among them.", [[{}, queue.long]]);
  text.gauge("fib_queue_max", "Calls that may wait.", [[{}, queue.max]]);
  text.gauge("fib_queue_predicted_wait_seconds", "For a call made now.", [
    [{}, queue.predictedWaitMs / 1000],
  ]);
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
