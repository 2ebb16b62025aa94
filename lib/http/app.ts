/**
 * The HTTP side of the service: a Hono app over whatever computes.
 *
 * ```
 *            ┌── fetch ───────────────────────────────────────────────────┐
 *  request ──┤ Exchange ─► Host check ─► Hono ─► handler ─► Compute       ├─► metrics, log ─► response
 *            │                └───────────┴────────┴─ throws ─► toProblem │
 *            └────────────────────────────────────────────────────────────┘
 * ```
 *
 * Handlers return answers and throw everything else; `fetch` alone turns what was thrown into a problem,
 * counts and logs. There is no middleware: a lone handler spares Hono its composing, which shows in how
 * many cached answers a second there are.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { Compute } from "../compute/mod.ts";
import { type Clock, systemClock } from "../hono/clock.ts";
import { matchesEtag } from "../hono/conditional.ts";
import { EventLoopLag } from "../hono/event_loop_lag.ts";
import { EventStreams } from "../hono/events.ts";
import type { ServeInfo } from "../hono/exchange.ts";
import { requireHealthy, requireReady } from "../hono/health.ts";
import { Metrics } from "../hono/metrics.ts";
import {
  drainingProblem,
  preconditionFailed,
  Problem,
  problemResponse,
  toProblem,
} from "../hono/problem.ts";
import { PrometheusText } from "../hono/prometheus_text.ts";
import { header } from "../hono/read.ts";
import { RequestLog } from "../hono/request_log.ts";
import { fresh, isStreamed, respondWithStream, UNBUFFERED, whole } from "../hono/respond.ts";
import type { ServiceStats } from "../hono/stats.ts";
import { Timeline } from "../hono/timeline.ts";
import { Watch } from "../hono/watch.ts";
import { getLogger } from "../log.ts";
import type { Health } from "../pool/mod.ts";
import { type AppEnv, AppExchange } from "./exchange.ts";
import { answerFibonacci, type AnswerOptions, FIBONACCI_PATH } from "./fibonacci_route.ts";
import { isSaneHost } from "./host.ts";
import { INDEX_CSP, INDEX_PAGE } from "./index_page.ts";
import type { Limits } from "./job.ts";
import { OPENAPI } from "./openapi.ts";
import { kept, type PageSource } from "./page.ts";
import { answerAsset, answerPage, ASSET_PATH } from "./page_route.ts";
import { cutting, needsCutting, requireNoBody } from "./request_body.ts";
import type { FibonacciTag } from "./seen.ts";
import { answerSequence } from "./sequence_route.ts";

/** What the app is made of. */
export interface AppOptions extends Limits {
  /** Whatever answers. */
  readonly compute: Compute;
  /** What there is to see of it. Called for each scrape and event. */
  readonly stats: () => ServiceStats;
  /** Whether it takes calls. Called for each health check. Default: it always does. */
  readonly health?: () => Health;
  /** What the workers did lately. Default: one that nobody writes to. */
  readonly timeline?: Timeline<FibonacciTag>;
  /**
   * The dashboard. Asked for it when somebody wants it, until there is one. Default: there is none, and a plain
   * list of links is in its place.
   */
  readonly page?: PageSource;
  /** Started and stopped by its owner. Default: one that never started, and shows zeros. */
  readonly eventLoopLag?: EventLoopLag;
  /** Default: the real time. */
  readonly clock?: Clock;
}

/** The app. */
export interface App {
  /** Answers a request. Never throws and never rejects. */
  readonly fetch: (request: Request, info?: ServeInfo) => Response | Promise<Response>;
  /** What it routes, in Hono's notation; HEAD and OPTIONS go without saying. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /**
   * From now on `/readyz` and whatever asks for work answer 503. Event streams end at once; what was
   * accepted is finished, and its answers end their connections.
   *
   * @returns Resolves when every request that has come in is answered, and every answer sent.
   */
  drain(): Promise<void>;
}

/** Every path takes the same. */
const ALLOW = { allow: "GET, HEAD, OPTIONS" };

/**
 * Makes the app.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createApp } from "./app.ts";
 *
 * const app = createApp({
 *   compute: () =>
 *     Promise.resolve({
 *       digits: new TextEncoder().encode("3524578"),
 *       cache: "off",
 *       queueMs: 0,
 *       computeMs: 0,
 *     }),
 *   estimateMs: () => 1,
 *   stats: () => ({ pool: null, cache: null }),
 *   maxN: 1000,
 *   deadlineMs: 1000,
 *   algorithm: "fast-doubling",
 * });
 * const response = await app.fetch(new Request("http://localhost/33"));
 * assertEquals(await response.text(), "3524578");
 * ```
 */
export function createApp(options: AppOptions): App {
  const { compute, stats, clock = systemClock } = options;
  const { timeline = new Timeline<FibonacciTag>(), eventLoopLag = new EventLoopLag(clock) } =
    options;
  const metrics = new Metrics({ prefix: "fib_", label: "algorithm" });
  const log = new RequestLog(getLogger("fib.http"));
  const page = kept(options.page ?? (() => Promise.resolve(undefined)));
  const events = new EventStreams(
    new Watch({
      stats,
      timeline,
      answers: () => metrics.answers((route) => route === FIBONACCI_PATH),
      eventLoopLag,
    }),
    clock,
  );
  const answering: AnswerOptions = {
    compute,
    limits: options,
    onAnswer: ({ algorithm }, { cache, queueMs: waitMs, computeMs: runMs }) =>
      metrics.countCall(algorithm, { cache, waitMs, runMs }),
    onRefused: () => log.refused(clock.now()),
  };
  const { health = () => ({ ready: true, healthy: true }) } = options;
  let draining = false;
  /** Requests whose answers have not been sent. */
  let open = 0;
  const quiet = Promise.withResolvers<void>();

  /** The routes that have parameters. */
  const patterns = new Set<string>();
  const hono = new Hono<AppEnv>();
  type Handler = (c: Context<AppEnv>) => Response | Promise<Response>;
  const get = (path: string, handler: Handler, { hasEtag = false } = {}) => {
    if (path.includes(":")) patterns.add(path);
    hono.get(path, (c) => {
      // Hono takes the text of a pattern for a path that the pattern matches.
      if (patterns.has(c.req.path)) throw notFound();
      c.env.route = path;
      if (!hasEtag) requireNoEtag(c);
      return handler(c);
    });
  };
  const getWork = (path: string, handler: Handler, options?: { hasEtag: boolean }) =>
    get(path, (c) => {
      if (draining) throw drainingProblem();
      return handler(c);
    }, options);

  getWork(FIBONACCI_PATH, (c) => answerFibonacci(c, answering), { hasEtag: true });
  getWork("/sequence", (c) =>
    answerSequence(c, {
      ...answering,
      concurrency: () => stats().pool?.size ?? 1,
      onCut: (error) => log.cut(c.env, error),
    }));
  getWork("/events", (c) => {
    const body = c.req.method === "HEAD" ? null : events.open();
    return respondWithStream(body, { ...fresh("text/event-stream"), ...UNBUFFERED });
  });
  get("/", async (c) => {
    const built = await page();
    if (built) return answerPage(c, built);
    requireNoEtag(c);
    const headers = fresh("text/html; charset=utf-8");
    return whole(INDEX_PAGE, { ...headers, "content-security-policy": INDEX_CSP });
  }, { hasEtag: true });
  get(ASSET_PATH, async (c) => answerAsset(c, await page()));
  get("/healthz", () => {
    requireHealthy(health());
    return whole(`{"status":"ok"}`, fresh("application/json"));
  });
  get("/readyz", () => {
    requireReady(health(), draining);
    return whole(`{"status":"ready"}`, fresh("application/json"));
  });
  get("/metrics", () => {
    const text = metrics.text(stats(), eventLoopLag.summary(60_000));
    return whole(text, fresh(PrometheusText.contentType));
  });
  get("/openapi.json", () => whole(JSON.stringify(OPENAPI), fresh("application/json")));

  hono.notFound((c) => {
    const { path } = c.req;
    // A CONNECT names no path, and Hono makes "0" of its "host:80".
    const isRouted = path.startsWith("/") && !patterns.has(path) &&
      hono.router.match("GET", path)[0].length > 0;
    if (!isRouted) throw notFound();
    if (c.req.method === "OPTIONS") return new Response(null, { status: 204, headers: ALLOW });
    throw new Problem(405, "method-not-allowed", `Use one of ${ALLOW.allow}`, ALLOW);
  });
  // All the way up: Hono hands over instances of Error only, and `fetch` takes anything thrown.
  hono.onError((error) => {
    throw error;
  });

  function fail(exchange: AppExchange, error: unknown): Response {
    // Nobody is there to read it: the status is for metrics and log.
    if (exchange.request.signal.aborted) return new Response(null, { status: 499 });
    const problem = toProblem(error);
    log.failed(exchange, problem, error, clock.now());
    return problemResponse(problem, exchange.requestId, exchange.request.method === "HEAD");
  }

  function finish(exchange: AppExchange, response: Response): Response {
    const { request, info } = exchange;
    const ms = clock.now() - exchange.startedAt;
    metrics.countRequest(request.method, exchange.route, response.status, ms);
    log.answered(exchange, response.status, ms);
    // To ask when an answer has been sent costs 0.7 µs: a short one is as soon as it is returned.
    if (info && isStreamed(response)) info.completed.then(closeOne, closeOne);
    else closeOne();
    const answer = withoutLength(request, response);
    // Its connection is closed soon: what a client sent on it then would be lost.
    if (draining) answer.headers.set("connection", "close");
    return needsCutting(exchange) ? cutting(exchange, answer) : answer;
  }

  function closeOne(): void {
    if (--open === 0 && draining) quiet.resolve();
  }

  return {
    routes: hono.routes,
    fetch(request, info) {
      open++;
      const exchange = new AppExchange(request, clock.now(), info);
      try {
        if (!isSaneHost(request)) throw new Problem(400, "bad-host", "Host names no host");
        requireNoBody(exchange);
        const response = hono.fetch(request, exchange);
        return response instanceof Promise
          ? response.then(
            (response) => finish(exchange, response),
            (error) => finish(exchange, fail(exchange, error)),
          )
          : finish(exchange, response);
      } catch (error) {
        return finish(exchange, fail(exchange, error));
      }
    },
    drain() {
      draining = true;
      events.end();
      if (open === 0) quiet.resolve();
      return quiet.promise;
    },
  };
}

/** @throws {Problem} 412, if a form is asked for by its entity tag, and there are no tags. */
function requireNoEtag(c: Context<AppEnv>): void {
  const ifMatch = header(c, "if-match");
  if (ifMatch !== undefined && !matchesEtag(ifMatch, undefined)) throw preconditionFailed();
}

function notFound(): Problem {
  return new Problem(404, "not-found", "There is nothing here; / lists what there is");
}

/**
 * Deno says `Content-Length: 0` where there is no body, which is a lie in the answer to a HEAD for
 * something streamed. An empty stream has no length that could be told.
 */
function withoutLength(request: Request, response: Response): Response {
  if (request.method !== "HEAD" || response.status !== 200) return response;
  if (response.headers.has("content-length")) return response;
  return new Response(new Blob().stream(), response);
}
