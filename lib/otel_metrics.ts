import { metrics } from "@opentelemetry/api";
import type { PoolStats } from "./pool/mod.ts";

/** Calls are told by their end. */
const OUTCOMES = ["done", "failed", "aborted", "expired", "refused", "crashed", "closed"] as const;

/**
 * Has OpenTelemetry read a pool's statistics whenever it exports metrics: what `/metrics` tells of the pool, by the
 * conventions of OpenTelemetry. Without a registered provider nothing is ever read.
 *
 * @param stats Reads them. It is called once for each export.
 */
export function exportPoolMetrics(stats: () => PoolStats): void {
  const meter = metrics.getMeter("worker-pool");
  const calls = meter.createObservableCounter("worker_pool.calls", {
    description: "Calls, by their end",
    unit: "{call}",
  });
  const restarts = meter.createObservableCounter("worker_pool.restarts", {
    description: "Workers replaced",
    unit: "{worker}",
  });
  const waiting = meter.createObservableGauge("worker_pool.queue.length", {
    description: "Calls waiting, by lane",
    unit: "{call}",
  });
  const predicted = meter.createObservableGauge("worker_pool.queue.predicted_wait", {
    description: "How long a short call made now would wait",
    unit: "s",
  });
  const slots = meter.createObservableGauge("worker_pool.slots", {
    description: "Workers, by what they do",
    unit: "{worker}",
  });
  meter.addBatchObservableCallback((result) => {
    const { totals, queue, slots: all } = stats();
    for (const outcome of OUTCOMES) result.observe(calls, totals[outcome], { outcome });
    result.observe(restarts, totals.restarts);
    result.observe(waiting, queue.length - queue.long, { lane: "short" });
    result.observe(waiting, queue.long, { lane: "long" });
    result.observe(predicted, queue.predictedWaitMs / 1000);
    const states = new Map<string, number>();
    for (const { state } of all) states.set(state, (states.get(state) ?? 0) + 1);
    for (const [state, count] of states) result.observe(slots, count, { state });
  }, [calls, restarts, waiting, predicted, slots]);
}
