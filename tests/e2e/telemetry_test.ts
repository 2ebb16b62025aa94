// What an operator's tools see: traces that go on inside the workers, and a log of JSON lines.

import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { assertAnswers33, CALIBRATED, get, untilMetrics } from "./client.ts";
import { STARTS_PROGRAMS, startService } from "./service.ts";
import { within } from "./waiting.ts";

/** A span as OTLP writes it in JSON, as far as it matters here. */
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** A metric as OTLP writes it in JSON, as far as it matters here. */
interface Metric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
}

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: { stringValue: string } }[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
}

/** A collector of traces and metrics: OTLP over HTTP, in JSON. */
class Collector implements AsyncDisposable {
  readonly #spans: Span[] = [];
  readonly #metrics = new Map<string, Metric>();
  #changed = Promise.withResolvers<void>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => this.#take(request),
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Waits for a span. */
  async span(name: string, traceId: string): Promise<Span> {
    while (true) {
      const span = this.#spans.find((span) => span.name === name && span.traceId === traceId);
      if (span) return span;
      await this.#changed.promise;
    }
  }

  /** Waits until the latest export of a metric has values, by their only attribute. */
  async values(
    name: string,
    done: (values: ReadonlyMap<string, number>) => boolean,
  ): Promise<void> {
    while (true) {
      const metric = this.#metrics.get(name);
      const points = metric?.sum?.dataPoints ?? metric?.gauge?.dataPoints ?? [];
      const values = new Map(points.map(({ attributes, asInt, asDouble }) => [
        attributes[0]?.value.stringValue ?? "",
        Number(asInt ?? asDouble),
      ]));
      if (done(values)) return;
      await this.#changed.promise;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const body = await request.json();
    for (const { scopeMetrics } of body.resourceMetrics ?? []) {
      for (const { metrics } of scopeMetrics) {
        for (const metric of metrics) this.#metrics.set(metric.name, metric);
      }
    }
    // There are logs as well.
    for (const { scopeSpans } of body.resourceSpans ?? []) {
      for (const { spans } of scopeSpans) this.#spans.push(...spans);
    }
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    return Response.json({});
  }
}

testWith(STARTS_PROGRAMS, "a client's trace goes through the queue into the worker", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await using collector = new Collector();
  await using service = await startService({
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    },
  });
  const { status } = await get(service, "/30?algorithm=naive", {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  assertEquals(status, 200);
  const names = ["GET", "queue fibonacci", "compute fibonacci", "fibonacci"];
  const found = Promise.all(names.map((name) => collector.span(name, traceId)));
  const [request, queue, compute, worker] = await within(10_000, "spans", found);
  assertEquals(request.parentSpanId, "b7ad6b7169203331");
  assertEquals(queue.parentSpanId, request.spanId);
  assertEquals(compute.parentSpanId, request.spanId);
  assertEquals(worker.parentSpanId, compute.spanId);
  service.signal("SIGTERM");
  assertEquals((await within(10_000, "end", service.status)).code, 0);
});

testWith(STARTS_PROGRAMS, "the pool's statistics are exported as metrics", async () => {
  await using collector = new Collector();
  await using service = await startService({
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "50",
      WORKERS: "2",
    },
  });
  await untilMetrics(service, CALIBRATED);
  await assertAnswers33(service);
  const all = Promise.all([
    // The calibration is a call, too.
    collector.values("worker_pool.calls", (by) => by.get("done") === 2 && by.get("failed") === 0),
    collector.values("worker_pool.slots", (by) => by.get("idle") === 2),
    collector.values("worker_pool.queue.length", (by) => by.get("short") === 0),
    collector.values("worker_pool.queue.predicted_wait", (by) => by.get("") === 0),
    collector.values("worker_pool.restarts", (by) => by.get("") === 0),
  ]);
  await within(10_000, "metrics", all);
});

testWith(
  STARTS_PROGRAMS,
  "every line of the log is JSON, and at debug tells each request",
  async () => {
    await using service = await startService({ env: { LOG_LEVEL: "debug", WORKERS: "1" } });
    await untilMetrics(service, CALIBRATED);
    const { length: before } = service.log;
    const paths = ["/33", "/33?algorithm=naive", "/nope", "/%", "/99999999999", "/healthz"];
    const statuses: number[] = [];
    for (const path of paths) {
      const answer = await get(service, path, { headers: { "x-request-id": `id-${path.length}` } });
      statuses.push(answer.status);
    }
    assertEquals(statuses, [200, 200, 404, 404, 422, 200]);
    service.signal("SIGTERM");
    await within(10_000, "end", service.status);

    const records = service.log.map((line) => JSON.parse(line));
    for (const record of records) {
      const { time, level, logger, message } = record;
      assert(Math.abs(Date.parse(time) - Date.now()) < 600_000, time);
      assert(["debug", "info", "warning", "error"].includes(level), level);
      assert(/^fib(\.http)?$/.test(logger), logger);
      assert(typeof message === "string");
    }
    const messages = records.map(({ message }) => message);
    for (const message of ["worker ready", "started", "calibrated", "stopping"]) {
      assertEquals(messages.filter((other) => other === message).length, 1, message);
    }
    assertEquals(messages.at(-1), "stopped");
    const requests = records.slice(before).filter(({ message }) => message === "Request");
    assertEquals(
      requests.map(({ method, path, status, requestId }) => [method, path, status, requestId]),
      paths.map((path, i) => ["GET", path, statuses[i], `id-${path.length}`]),
    );
  },
);

testWith(STARTS_PROGRAMS, "at info the log tells start and end, and no request", async () => {
  await using service = await startService();
  await assertAnswers33(service);
  service.signal("SIGTERM");
  await within(10_000, "end", service.status);
  const messages = service.log.map((line) => JSON.parse(line).message);
  assertEquals(messages, ["started", "stopping", "stopped"]);
});
