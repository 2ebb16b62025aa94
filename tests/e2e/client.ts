import { assertEquals } from "@std/assert";
import type { Service } from "./service.ts";
import { pause, within } from "./waiting.ts";

/** What came back for a request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Asks the service, and reads the whole answer. */
export async function get(service: Service, path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(service.at(path), init);
  const { status, headers } = response;
  return { status, headers, body: await response.text() };
}

/** Asserts that the service answers, and answers right. */
export async function assertAnswers33(service: Service, query = ""): Promise<void> {
  const { status, body } = await within(10_000, "answer", get(service, `/33${query}`));
  assertEquals([status, body], [200, "3524578"]);
}

/** Writes all of it. */
export async function write(conn: Deno.Conn, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  for (let done = 0; done < bytes.length;) done += await conn.write(bytes.subarray(done));
}

/** Reads until the other side closes or resets the connection. */
export async function readAll(conn: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  let text = "";
  try {
    for (let n; (n = await conn.read(buffer)) !== null;) {
      text += decoder.decode(buffer.subarray(0, n), { stream: true });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

/** The service's metrics, by name with labels: `fib_pool_slots{state="idle"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the service's metrics. */
export async function scrape(service: Service): Promise<Samples> {
  const { body } = await get(service, "/metrics");
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), Number(line.slice(end))];
  }));
}

/**
 * Waits until the service's metrics say so. It has to be asked: across processes there is no other event.
 *
 * @param expected Metrics and the values that they come to have.
 * @throws {Error} If they don't within five seconds, with those that they have.
 */
export async function untilMetrics(
  service: Service,
  expected: Readonly<Record<string, number>>,
): Promise<Samples> {
  const giveUpAt = performance.now() + 5_000;
  while (true) {
    const samples = await scrape(service);
    const wrong = Object.keys(expected).filter((name) => samples.get(name) !== expected[name]);
    if (wrong.length === 0) return samples;
    if (performance.now() > giveUpAt) {
      const found = wrong.map((name) => `${name} is ${samples.get(name)}, not ${expected[name]}`);
      throw new Error(found.join("; "));
    }
    await pause(5);
  }
}

/** Metrics by which a test waits. */
export const METRIC = {
  aborted: `fib_pool_calls_total{outcome="aborted"}`,
  done: `fib_pool_calls_total{outcome="done"}`,
  busy: `fib_pool_slots{state="busy"}`,
  idle: `fib_pool_slots{state="idle"}`,
  misses: `fib_cache_calls_total{result="miss"}`,
  queued: "fib_queue_length",
  restarts: "fib_pool_restarts_total",
  shared: `fib_cache_calls_total{result="shared"}`,
  wedged: "fib_pool_wedged_threads",
} as const;

/**
 * Whether the service is done with measuring its machine, which it does when it is ready. Until then a worker
 * is busy that no request has asked for.
 */
export const CALIBRATED = { [METRIC.done]: 1 };
