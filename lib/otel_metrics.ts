import { metrics } from "@opentelemetry/api";
import type { PoolStats } from "./pool/mod.ts";

/**
 * Exports a pool's statistics as metrics of OpenTelemetry. Without a registered provider nothing is read.
 *
 * @param stats Called once for each export.
 */
export function exportPoolMetrics(stats: () => PoolStats): void {
  const meter = metrics.getMeter("worker-pool");
  const counter = (name: string, description: string, unit: string) =>
    meter.createObservableCounter(`worker_pool.${name}`, { description, unit });
  const gauge = (name: string, description: string, unit: string) =>
    meter.createObservableGauge(`worker_pool.${name}`, { description, unit });
  const calls = counter("calls", "Calls, by how they ended", "{call}");
  const restarts = counter("restarts", "Workers replaced", "{worker}");
  const waiting = gauge("queue.length", "Calls waiting, by lane", "{call}");
  const predicted = gauge(
    "queue.predicted_wait",
    "How long a short call made now would wait",
    "s",
  );
  const slots = gauge("slots", "Workers, by state", "{worker}");
  meter.addBatchObservableCallback((result) => {
    const { totals: { calls: _, restarts: replaced, wedged: __, ...ends }, queue, ...rest } =
      stats();
    for (const [outcome, count] of Object.entries(ends)) result.observe(calls, count, { outcome });
    result.observe(restarts, replaced);
    result.observe(waiting, queue.length - queue.long, { lane: "short" });
    result.observe(waiting, queue.long, { lane: "long" });
    result.observe(predicted, queue.predictedWaitMs / 1000);
    const states = new Map<string, number>();
    for (const { state } of rest.slots) states.set(state, (states.get(state) ?? 0) + 1);
    for (const [state, count] of states) result.observe(slots, count, { state });
  }, [calls, restarts, waiting, predicted, slots]);
}
