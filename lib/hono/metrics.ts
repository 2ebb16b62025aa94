import { Histogram } from "@off-the-loop/pool/parts";
import type { PoolStats, SlotState, Timing } from "@off-the-loop/pool";
import type { LagSummary } from "./event_loop_lag.ts";
import { PrometheusText, type Sample } from "./prometheus_text.ts";
import type { ServiceStats } from "./stats.ts";

const METHODS = new Set(
  ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE"],
);
/** Each state has a series from the start. A series that appears only when it matters breaks alerts. */
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

/** The metrics of a service. Requests and calls are counted as they happen; the rest is one snapshot a scrape. */
export class Metrics {
  readonly #prefix: string;
  readonly #label: string;
  readonly #routes = new Map<string, Route>();
  readonly #computeMs = new Map<string, Histogram>();
  readonly #waitMs = new Histogram();

  /**
   * @param prefix What the names begin with that are not HTTP's.
   * @param label The label that tells calls apart.
   */
  constructor(prefix: string, label: string) {
    this.#prefix = prefix;
    this.#label = label;
  }

  /** Counts a request. `route` is a pattern and never a path: each value is a series for ever. */
  countRequest(method: string, route: string, status: number, ms: number): void {
    const counted = entry(this.#routes, route, () => new Route());
    counted.ms.record(ms);
    const counts = entry(counted.byStatus, status, () => new Map<string, number>());
    const name = METHODS.has(method) ? method : "other";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  /** Counts the times of a call that was computed. @param what The value of the label. */
  countCall(what: string, { cache, runMs, waitMs }: Omit<Timing, "transferMs">): void {
    if (cache === "hit" || cache === "shared") return;
    entry(this.#computeMs, what, () => new Histogram()).record(runMs);
    this.#waitMs.record(waitMs);
  }

  /** Returns how many answers some routes have given, by status. */
  answers(isWanted: (route: string) => boolean): Readonly<Record<number, number>> {
    const sums: Record<number, number> = {};
    for (const [{ route, status }, count] of this.#requests()) {
      if (isWanted(route)) sums[status] = (sums[status] ?? 0) + count;
    }
    return sums;
  }

  /** Writes all of it in Prometheus' text format. */
  text({ pool, cache }: ServiceStats, lag: LagSummary): string {
    const text = new PrometheusText();
    text.counter("http_requests_total", "Requests, by method, route and status.", this.#requests());
    text.histogram(
      "http_request_duration_seconds",
      "Time from a request to the headers of its answer.",
      [...this.#routes].map(([route, { ms }]) => [{ route }, ms.snapshot()]),
    );
    text.prefix = this.#prefix;
    text.histogram(
      "compute_seconds",
      "How long a worker computed an answer.",
      [...this.#computeMs].map(([what, ms]) => [{ [this.#label]: what }, ms.snapshot()]),
    );
    text.histogram(
      "queue_wait_seconds",
      "How long a call waited for a worker before it was computed.",
      this.#waitMs.snapshot(),
    );
    text.gauge("event_loop_lag_seconds", "How late the event loop was in the last minute.", [
      [{ stat: "max" }, lag.maxMs / 1000],
      [{ stat: "mean" }, lag.meanMs / 1000],
    ]);
    if (cache) writeCache(text, cache);
    if (pool) writePool(text, pool);
    return text.toString();
  }

  *#requests(): Generator<Sample<{ method: string; route: string; status: number }>> {
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

function writeCache(text: PrometheusText, cache: NonNullable<ServiceStats["cache"]>): void {
  text.counter("cache_calls_total", "Calls, by what the cache did.", [
    [{ result: "hit" }, cache.hits],
    [{ result: "miss" }, cache.misses],
    [{ result: "shared" }, cache.shared],
    [{ result: "bypass" }, cache.bypassed],
  ]);
  text.gauge("cache_bytes", "Size of the cached answers.", cache.bytes);
  text.gauge("cache_max_bytes", "Largest size of the cached answers.", cache.maxBytes);
  text.gauge("cache_entries", "Cached answers.", cache.entries);
}

function writePool(text: PrometheusText, pool: PoolStats): void {
  const { queue, refusals, slots, totals: { calls: _, restarts, wedged, ...ends } } = pool;
  text.counter(
    "pool_calls_total",
    "Calls, by how they ended.",
    Object.entries(ends).map(([outcome, count]) => [{ outcome }, count]),
  );
  text.counter(
    "pool_refusals_total",
    "Calls refused, by reason.",
    Object.entries(refusals).map(([reason, count]) => [{ reason }, count]),
  );
  text.histogram("pool_wait_seconds", "How long calls waited for a worker.", pool.waitMs);
  text.histogram("pool_run_seconds", "How long calls ran, measured in the worker.", pool.runMs);
  text.histogram(
    "pool_transfer_seconds",
    "How long calls and answers were under way between threads.",
    pool.transferMs,
  );
  text.counter("pool_restarts_total", "Workers replaced.", restarts);
  text.gauge("pool_wedged_threads", "Terminated threads that still run.", wedged);
  text.gauge(
    "pool_slots",
    "Workers, by state.",
    SLOT_STATES.map((state) => [{ state }, slots.filter((slot) => slot.state === state).length]),
  );
  text.gauge("queue_length", "Calls waiting.", queue.length);
  text.gauge("queue_long", "Long calls waiting.", queue.long);
  text.gauge("queue_max", "Calls that may wait.", queue.max);
  const predictedS = queue.predictedWaitMs / 1000;
  text.gauge(
    "queue_predicted_wait_seconds",
    "How long a short call made now would wait.",
    predictedS,
  );
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
