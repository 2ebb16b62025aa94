/**
 * What whoever operates a service asks it. Nothing here waits for a worker.
 *
 * @module
 */

import { Hono } from "hono";
import type { Core } from "./core.ts";
import type { Drain } from "./drain.ts";
import { EventLoopLag } from "./event_loop_lag.ts";
import { EventStreams } from "./events.ts";
import { requireHealthy, requireReady } from "./health.ts";
import type { OffLoopOptions } from "./options.ts";
import { drainingProblem } from "./problem.ts";
import { PrometheusText } from "./prometheus_text.ts";
import { fresh, respondWithStream, UNBUFFERED, whole } from "./respond.ts";
import { statsOf } from "./stats.ts";
import { Timeline } from "./timeline.ts";
import { Watch } from "./watch.ts";

/** @returns What makes the routes. All that are made share one ticker and one measurement. */
export function operatorRoutes(
  core: Core,
  drain: Drain,
  { timeline = new Timeline<object>(), eventLoopLag }: OffLoopOptions<never>,
): () => Hono {
  let own: EventLoopLag | undefined;
  const lag = () => {
    if (eventLoopLag) return eventLoopLag;
    if (!own) {
      own = new EventLoopLag();
      if (core.phase !== "sealed") own.start();
    }
    return own;
  };
  const stats = () => statsOf(core.backend.stats());
  let events: EventStreams | undefined;
  const openEvents = () =>
    (events ??= new EventStreams(
      new Watch({
        stats,
        timeline,
        answers: () => core.metrics.answers(() => true),
        eventLoopLag: lag(),
      }),
    )).open();
  drain.onSealed(() => {
    events?.end();
    own?.stop();
  });

  return () =>
    new Hono()
      .get("/healthz", () => {
        requireHealthy(core.backend.health());
        return whole(`{"status":"ok"}`, fresh("application/json"));
      })
      .get("/readyz", () => {
        requireReady(core.backend.health(), core.phase !== "open");
        return whole(`{"status":"ready"}`, fresh("application/json"));
      })
      .get("/metrics", () => {
        const text = core.metrics.text(stats(), lag().summary(60_000));
        return whole(text, fresh(PrometheusText.contentType));
      })
      .get("/events", (c) => {
        if (core.phase === "sealed") throw drainingProblem();
        const body = c.req.method === "HEAD" ? null : openEvents();
        return respondWithStream(body, { ...fresh("text/event-stream"), ...UNBUFFERED });
      });
}
