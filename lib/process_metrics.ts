/**
 * What Prometheus' own clients tell of their process, by the same names, and which build it runs.
 *
 * @module
 */

import { PrometheusText } from "./hono/prometheus_text.ts";
import { VERSION } from "./version.ts";

/**
 * Writes metrics of this process: start, memory, processor time and, where `/proc` may be read, file descriptors.
 *
 * Deno lets only a program with `--allow-all` read `/proc`. Without it there are no metrics of descriptors.
 *
 * @returns Prometheus' text format.
 */
export async function processMetrics(): Promise<string> {
  // It takes 10 ms to import: a start does not wait for it.
  const { cpuUsage } = await import("node:process");
  const { user, system } = cpuUsage();
  const text = new PrometheusText();
  text.gauge("build_info", "What runs here; the value says nothing.", [
    [{ version: VERSION, deno: Deno.version.deno, v8: Deno.version.v8 }, 1],
  ]);
  const startedS = performance.timeOrigin / 1000;
  text.gauge("process_start_time_seconds", "When the process started, since 1970.", startedS);
  const { rss } = Deno.memoryUsage();
  text.gauge("process_resident_memory_bytes", "Memory of the process, workers included.", rss);
  const cpuS = (user + system) / 1e6;
  text.counter("process_cpu_seconds_total", "Processor time, of the system's and our own.", cpuS);
  const descriptors = descriptorsOf();
  if (descriptors) {
    text.gauge("process_open_fds", "File descriptors in use.", descriptors.open);
    text.gauge("process_max_fds", "File descriptors there may be.", descriptors.max);
  }
  return text.toString();
}

function descriptorsOf(): { open: number; max: number } | undefined {
  try {
    // The one that reads the folder is among them.
    const open = [...Deno.readDirSync("/proc/self/fd")].length - 1;
    const limits = Deno.readTextFileSync("/proc/self/limits");
    const [, max] = /^Max open files\s+(\d+)/m.exec(limits)!;
    return { open, max: Number(max) };
  } catch {
    // It may not be read, or this is not Linux.
    return undefined;
  }
}
