import { type Context, Hono } from "hono";
import { routePath } from "hono/route";
import { type Clock, systemClock } from "./clock.ts";
import type { Core } from "./core.ts";
import { answerDashboard } from "./dashboard.ts";
import type { Drain } from "./drain.ts";
import { EventLoopLag } from "./event_loop_lag.ts";
import { EventStreams } from "./events.ts";
import { Readiness, requireHealthy } from "./health.ts";
import type { OffLoopOptions } from "./options.ts";
import { drainingProblem } from "./problem.ts";
import { PrometheusText } from "./prometheus_text.ts";
import { fresh, respondWithStream, UNBUFFERED, whole } from "./respond.ts";
import { statsOf } from "./stats.ts";
import { Timeline } from "./timeline.ts";
import { Watch } from "./watch.ts";

/** The operator's paths and their handlers. They share one ticker and one measurement of the event loop. */
export type OperatorHandlers = Readonly<
  Record<string, (c: Context) => Response | Promise<Response>>
>;

/** Options of {@linkcode operatorHandlers}. */
export interface OperatorOptions extends Pick<OffLoopOptions<never>, "eventLoopLag"> {
  /** Whether the dashboard counts the answers of a route. */
  readonly isTold: (route: string) => boolean;
  /** More metrics in Prometheus' text format. Called for each scrape. Default: none. */
  readonly moreMetrics?: () => Promise<string>;
  /** The clock of the events. Default: the real time. */
  readonly clock?: Clock;
}

/** Makes the handlers, and starts to record what the workers do. No handler waits for a worker. */
export function operatorHandlers(
  core: Core,
  drain: Drain,
  { eventLoopLag, isTold, moreMetrics, clock = systemClock }: OperatorOptions,
): OperatorHandlers {
  const timeline = new Timeline();
  core.backend.observe?.({
    onRun: (run) => timeline.record(run),
    onEvent: (event) => timeline.note(event, clock.now()),
  });
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
  const readiness = new Readiness(core.log);
  let events: EventStreams | undefined;
  const openEvents = () =>
    (events ??= new EventStreams(
      new Watch({
        stats,
        timeline,
        answers: () => core.metrics.answers(isTold),
        eventLoopLag: lag(),
      }),
      clock,
    )).open();
  drain.onSealed(() => {
    events?.end();
    own?.stop();
  });

  return {
    "/healthz"() {
      requireHealthy(core.backend.health());
      return whole(`{"status":"ok"}`, fresh("application/json"));
    },
    "/readyz"() {
      const health = core.backend.health();
      // Asked often. The statistics cost more, and are only needed for the reason.
      const loadFailure = health.ready ? null : stats().pool?.loadFailure ?? null;
      readiness.require(health, loadFailure, core.phase !== "open");
      return whole(`{"status":"ready"}`, fresh("application/json"));
    },
    async "/metrics"() {
      const more = await moreMetrics?.() ?? "";
      const text = core.metrics.text(stats(), lag().summary(60_000)) + more;
      return whole(text, fresh(PrometheusText.contentType));
    },
    "/events"(c) {
      if (core.phase === "sealed") throw drainingProblem();
      const body = c.req.method === "HEAD" ? null : openEvents();
      return respondWithStream(body, { ...fresh("text/event-stream"), ...UNBUFFERED });
    },
    "/dashboard": answerDashboard,
  };
}

/** Makes routes of the handlers. @param mounted Gets the pattern of each route with its first request. */
export function operatorRoutes(handlers: OperatorHandlers, mounted: Set<string>): Hono {
  const app = new Hono();
  for (const [path, handler] of Object.entries(handlers)) {
    app.get(path, (c) => {
      mounted.add(routePath(c));
      return handler(c);
    });
  }
  return app;
}
