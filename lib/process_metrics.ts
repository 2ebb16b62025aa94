import { PrometheusText } from "./hono/prometheus_text.ts";
import { VERSION } from "./version.ts";

/**
 * Writes metrics of this process in Prometheus' text format, by the names that Prometheus' own clients use: version,
 * start, memory and processor time; with `--allow-all`, which Deno needs to read `/proc`, also file descriptors.
 */
export async function processMetrics(): Promise<string> {
  // Imported on demand: it takes 10 ms.
  const { cpuUsage } = await import("node:process");
  const { user, system } = cpuUsage();
  const text = new PrometheusText();
  text.gauge("build_info", "The version that runs here; the value is always 1.", [
    [{ version: VERSION, deno: Deno.version.deno, v8: Deno.version.v8 }, 1],
  ]);
  const startedS = performance.timeOrigin / 1000;
  text.gauge("process_start_time_seconds", "When the process started, since 1970.", startedS);
  const { rss } = Deno.memoryUsage();
  text.gauge("process_resident_memory_bytes", "Memory of the process, workers included.", rss);
  const cpuS = (user + system) / 1e6;
  text.counter("process_cpu_seconds_total", "Processor time, user and system.", cpuS);
  const descriptors = descriptorsOf();
  if (descriptors) {
    text.gauge("process_open_fds", "File descriptors in use.", descriptors.open);
    text.gauge("process_max_fds", "Most file descriptors that may be in use.", descriptors.max);
  }
  return text.toString();
}

function descriptorsOf(): { open: number; max: number } | undefined {
  try {
    // Reading the folder takes one, too.
    const open = [...Deno.readDirSync("/proc/self/fd")].length - 1;
    const limits = Deno.readTextFileSync("/proc/self/limits");
    const [, max] = /^Max open files\s+(\d+)/m.exec(limits)!;
    return { open, max: Number(max) };
  } catch {
    // Reading is not allowed, or this is not Linux.
    return undefined;
  }
}
