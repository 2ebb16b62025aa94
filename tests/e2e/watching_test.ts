// What whoever watches the service sees of it.

import { assert, assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import type { StatsEvent } from "../../lib/hono/mod.ts";
import type { ActivityEvent } from "../../lib/hono/mod.ts";
import { testWith } from "../permissions.ts";
import { CALIBRATED, get, METRIC, scrape, untilMetrics } from "./client.ts";
import { Lines } from "./lines.ts";
import { NO_DEADLINE, type Service, STARTS_PROGRAMS, startService } from "./service.ts";
import { later, within } from "./waiting.ts";

const ENV = { WORKERS: "2", ...NO_DEADLINE };
/** Far more than it takes on a busy machine. */
const PATIENCE_MS = 10_000;

type Span = ActivityEvent["spans"][number];

/** The service's events, read as they come. */
class Events implements AsyncDisposable {
  readonly #controller: AbortController;
  readonly #lines: Lines;

  private constructor(controller: AbortController, lines: Lines) {
    this.#controller = controller;
    this.#lines = lines;
  }

  static async of(service: Service): Promise<Events> {
    const controller = new AbortController();
    const { body } = await fetch(service.at("/events"));
    // Not the signal of fetch(): it may be deaf once the response has been collected.
    const stream = body!.pipeThrough(new TransformStream(), { signal: controller.signal });
    return new Events(controller, new Lines(stream));
  }

  /** Waits for an event, unless it has come already. */
  async find<T>(name: string, what: string, matches: (data: T) => boolean): Promise<T> {
    let event = "";
    let found: T | undefined;
    const line = this.#lines.find((line) => {
      if (line.startsWith("event: ")) event = line.slice("event: ".length);
      if (!line.startsWith("data: ") || event !== name) return false;
      found = JSON.parse(line.slice("data: ".length));
      return matches(found!);
    });
    assert(await within(PATIENCE_MS, what, line) !== undefined, `the stream ended without ${what}`);
    return found!;
  }

  /** Waits for a span. */
  async span(what: string, matches: (span: Span) => boolean): Promise<Span> {
    const { spans } = await this.find<ActivityEvent>(
      "activity",
      what,
      ({ spans }) => spans.some(matches),
    );
    return spans.find(matches)!;
  }

  /** Waits for a call that a worker is on. */
  async running(n: number): Promise<ActivityEvent["running"][number]> {
    const isIt = (call: ActivityEvent["running"][number]) => call.tag?.startsWith(`${n} `) === true;
    const { running } = await this.find<ActivityEvent>(
      "activity",
      `a call of ${n}`,
      ({ running }) => running.some(isIt),
    );
    return running.find(isIt)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.#lines.ended.catch(() => {});
  }
}

testWith(
  STARTS_PROGRAMS,
  "whoever watches sees a call while it runs, and when it is done",
  async () => {
    await using service = await startService({ env: ENV });
    await untilMetrics(service, CALIBRATED);
    await using events = await Events.of(service);
    // Half a second at least, on any machine: an event tells of it, and one of its end.
    const answer = later(get(service, "/40?algorithm=naive"));
    const running = await events.running(40);
    assertEquals([running.method, running.tag], ["fibonacci", "40 naive"]);
    assertGreaterOrEqual(running.runningMs, 0);

    const span = await events.span("the end of that call", ({ tag }) => tag === "40 naive");
    assertEquals([span.method, span.end, span.runs, span.slot], [
      "fibonacci",
      "done",
      1,
      running.slot,
    ]);
    assertGreater(span.busyMs, 0);
    const { status, headers } = await answer;
    assertEquals(status, 200);
    const [, worker] = /worker;desc=(\d+)$/.exec(headers.get("server-timing")!)!;
    assertEquals(Number(worker), span.slot);

    // Who comes later is told of it as well.
    await using more = await Events.of(service);
    assertEquals(await more.span("what was before", ({ tag }) => tag === "40 naive"), span);
  },
);

testWith(STARTS_PROGRAMS, "whoever watches sees that a call was stopped", async () => {
  await using service = await startService({ env: ENV });
  await untilMetrics(service, CALIBRATED);
  await using events = await Events.of(service);
  const client = new AbortController();
  const answer = later(get(service, "/50?algorithm=naive", { signal: client.signal }));
  await events.running(50);
  client.abort();
  await answer.catch(() => {});
  const span = await events.span("the end of that call", ({ tag }) => tag === "50 naive");
  assertEquals([span.method, span.end], ["fibonacci", "stopped"]);
  await events.find<ActivityEvent>(
    "activity",
    "rest",
    ({ states }) => states.every((state) => state === "idle"),
  );
});

testWith(STARTS_PROGRAMS, "events tell the numbers that /metrics does", async () => {
  await using service = await startService({ env: ENV });
  await untilMetrics(service, CALIBRATED);
  for (const path of ["/33", "/33", "/20?algorithm=naive", "/79?algorithm=naive", "/abc"]) {
    await get(service, path);
  }
  await get(service, "/33", { headers: { "cache-control": "no-cache" } });
  const samples = await untilMetrics(service, { [METRIC.idle]: 2, [METRIC.done]: 4 });
  await using events = await Events.of(service);
  const { pool, cache, answers, instance } = await events.find<StatsEvent>(
    "stats",
    "stats",
    () => true,
  );
  assert(pool && cache);
  assertEquals(answers, { 200: 4, 422: 1 });
  for (const [status, count] of Object.entries(answers)) {
    const labels = `method="GET",route="/:n{[0-9]+}",status="${status}"`;
    assertEquals(samples.get(`http_requests_total{${labels}}`), count);
  }
  const told: Record<string, number> = {
    [METRIC.done]: pool.totals.done,
    [METRIC.aborted]: pool.totals.aborted,
    [METRIC.queued]: pool.queue.length,
    [METRIC.restarts]: pool.totals.restarts,
    [METRIC.wedged]: pool.totals.wedged,
    [METRIC.misses]: cache.misses,
    [METRIC.shared]: cache.shared,
    [`fib_cache_calls_total{result="hit"}`]: cache.hits,
    [`fib_cache_calls_total{result="bypass"}`]: cache.bypassed,
    fib_cache_bytes: cache.bytes,
    fib_cache_entries: cache.entries,
  };
  assertEquals(told[`fib_cache_calls_total{result="bypass"}`], 1);
  for (const kind of ["wait", "run", "transfer"] as const) {
    const { bounds, counts, count } = pool[`${kind}Ms`];
    told[`fib_pool_${kind}_seconds_count`] = count;
    let sum = 0;
    for (const [i, bound] of bounds.entries()) {
      // JSON has no Infinity.
      const le = bound === null ? "+Inf" : bound / 1000;
      told[`fib_pool_${kind}_seconds_bucket{le="${le}"}`] = sum += counts[i];
    }
  }
  for (const [name, value] of Object.entries(told)) {
    assertEquals([name, samples.get(name)], [name, value]);
  }
  // Nothing has happened since.
  assertEquals((await scrape(service)).get(METRIC.done), pool.totals.done);

  await using others = await startService({ env: ENV });
  await using otherEvents = await Events.of(others);
  const other = await otherEvents.find<StatsEvent>("stats", "stats", () => true);
  assert(other.instance !== instance);
});
