/**
 * The HTTP side of the service: a Hono app over any backend.
 *
 * ```
 *            ┌── fetch ─────────────────────────────────────────────────┐
 *  request ──┤ Exchange ─► Host, body ─► Hono ─► handler ─► Backend     ├─► metrics, log ─► response
 *            │                 └──────────┴─────────┴─ throws ─► Problem │
 *            └──────────────────────────────────────────────────────────┘
 * ```
 *
 * Handlers return answers and throw errors. Only `fetch` makes problems of errors, counts and logs. There is no
 * middleware: Hono calls a lone handler without composing, which shows in how many cached answers a second there are.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { FibonacciApi, FibonacciJob } from "../compute/mod.ts";
import type { TrustsProxy } from "../hono/client.ts";
import { type Clock, systemClock } from "../hono/clock.ts";
import { requireMatch } from "../hono/conditional.ts";
import { Core } from "../hono/core.ts";
import { Drain } from "../hono/drain.ts";
import { EventLoopLag } from "../hono/event_loop_lag.ts";
import { Exchange } from "../hono/exchange.ts";
import type { OffLoopOptions } from "../hono/mod.ts";
import { operatorHandlers } from "../hono/operator.ts";
import { kept } from "../hono/page.ts";
import { drainingProblem, Problem } from "../hono/problem.ts";
import { withoutLength } from "../hono/honest_head.ts";
import { fresh, isStreamed, whole } from "../hono/respond.ts";
import { getLogger } from "../log.ts";
import type { Backend } from "../pool/mod.ts";
import type { AppEnv, ServeInfo } from "./exchange.ts";
import { answerFibonacci, FIBONACCI_PATH } from "./fibonacci_route.ts";
import { isSaneHost } from "./host.ts";
import { INDEX_CSP, INDEX_PAGE } from "./index_page.ts";
import type { Limits } from "./job.ts";
import { OPENAPI } from "./openapi.ts";
import type { PageSource } from "./page.ts";
import { answerAsset, answerBuilt, ASSET_PATH } from "./page_route.ts";
import { cutting, needsCutting, requireNoBody } from "./request_body.ts";
import { answerSequence } from "./sequence_route.ts";

/** What the app is made of. */
export interface AppOptions extends Limits {
  /** Runs the calls. */
  readonly backend: Backend<FibonacciApi>;
  /** Called with how long a job ran. Default: nothing. */
  readonly learn?: (job: FibonacciJob, runMs: number) => void;
  /** Whether the `Forwarded` or `X-Forwarded-For` header of a proxy is trusted. Default: no. */
  readonly trustsProxy?: TrustsProxy;
  /**
   * Finds the page at `/`. Called with requests for it until there is one. Default: there is none, and a plain list of
   * links is in its place.
   */
  readonly page?: PageSource;
  /** Started and stopped by its owner. Default: one that is not started, and shows zeros. */
  readonly eventLoopLag?: EventLoopLag;
  /** Default: the real time. */
  readonly clock?: Clock;
  /** More metrics in Prometheus' text format. Called for each scrape. Default: none. */
  readonly moreMetrics?: () => Promise<string>;
}

/** The app. */
export interface App {
  /** Answers a request. Never throws and never rejects. */
  readonly fetch: (request: Request, info?: ServeInfo) => Response | Promise<Response>;
  /** The routes, in Hono's notation, without HEAD and OPTIONS. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /**
   * Drains: `/readyz` answers 503 at once, and answers end their connections. After `delayMs` requests for work are
   * answered with 503, and event streams end. Accepted requests are finished.
   *
   * @param delayMs Default: 0.
   * @returns Resolves when every request is answered, and every answer sent.
   */
  drain(delayMs?: number): Promise<void>;
}

/** Every path takes the same methods. */
const ALLOW = { allow: "GET, HEAD, OPTIONS" };

/** Makes the app. */
export function createApp(options: AppOptions): App {
  const { backend, clock = systemClock } = options;
  const { eventLoopLag = new EventLoopLag(clock) } = options;
  const core = new Core(backend, workOptions(options) as OffLoopOptions<never>, () => clock.now());
  const drain = new Drain(core, 0);
  const operator = operatorHandlers(core, drain, {
    eventLoopLag,
    moreMetrics: options.moreMetrics,
    isTold: (route) => route === FIBONACCI_PATH,
    clock,
  });
  /** The paths that `OPS_PORT` can have apart. */
  const operatorPaths = new Set(["/", ASSET_PATH, ...Object.keys(operator)]);
  const page = kept(options.page ?? (() => Promise.resolve(undefined)));

  const left = () => drain.left();
  /** Routes with parameters. */
  const patterns = new Set<string>();
  const hono = new Hono<AppEnv>();
  const isHidden = (c: Context<AppEnv>, route: string) =>
    c.env.info?.withoutOperator && operatorPaths.has(route);
  type Handler = (c: Context<AppEnv>) => Response | Promise<Response>;
  const get = (path: string, handler: Handler, { hasEtag = false, isWork = false } = {}) => {
    if (path.includes(":")) patterns.add(path);
    hono.get(path, (c) => {
      // Hono matches a path that is the text of the pattern.
      if (patterns.has(c.req.path)) throw notFound();
      if (isHidden(c, path)) throw notFound();
      c.env.route = path;
      if (!hasEtag) requireMatch(c, undefined);
      if (isWork && core.phase === "sealed") throw drainingProblem();
      return handler(c);
    });
  };

  const fibonacci = (c: Context<AppEnv>) => answerFibonacci(c, core, options);
  get(FIBONACCI_PATH, fibonacci, { hasEtag: true, isWork: true });
  get("/sequence", (c) => answerSequence(c, core, options), { isWork: true });
  for (const [path, handler] of Object.entries(operator)) {
    get(path, handler, { hasEtag: path === "/dashboard" });
  }
  get("/", async (c) => {
    const built = await page();
    if (built) return answerBuilt(c, built);
    requireMatch(c, undefined);
    const headers = fresh("text/html; charset=utf-8");
    return whole(INDEX_PAGE, { ...headers, "content-security-policy": INDEX_CSP });
  }, { hasEtag: true });
  get(ASSET_PATH, async (c) => answerAsset(c, await page()));
  get("/openapi.json", () => whole(JSON.stringify(OPENAPI), fresh("application/json")));

  hono.notFound((c) => {
    const { path } = c.req;
    // A CONNECT has no path. Hono makes "0" of its "host:80".
    const isPath = path.startsWith("/") && !patterns.has(path);
    const route = isPath ? hono.router.match("GET", path)[0].at(0)?.[0][1].path : undefined;
    if (route === undefined || isHidden(c, route)) throw notFound();
    if (c.req.method === "OPTIONS") return new Response(null, { status: 204, headers: ALLOW });
    throw new Problem(405, "method-not-allowed", `Use one of ${ALLOW.allow}`, ALLOW);
  });
  // Everything thrown goes up to `fetch`: Hono would take instances of Error only.
  hono.onError((error) => {
    throw error;
  });

  function fail(exchange: Exchange, error: unknown): Response {
    // The client is gone: the status is for metrics and log.
    if (exchange.request.signal.aborted) return new Response(null, { status: 499 });
    const response = core.problemIn(exchange, error).getResponse();
    return exchange.request.method === "HEAD" ? new Response(null, response) : response;
  }

  function finish(exchange: Exchange, response: Response): Response {
    const { request, info } = exchange;
    core.answered(exchange, response.status);
    // To wait for the end of an answer costs 0.7 µs. A short one has ended when it is returned.
    if (info && isStreamed(response)) info.completed.then(left, left);
    else left();
    const answer = withoutLength(request, response);
    // The connection is closed soon. A request that the client still sent on it would be lost.
    if (core.phase !== "open") answer.headers.set("connection", "close");
    return answer;
  }

  function answerTo(exchange: Exchange, isCut: boolean): Response | Promise<Response> {
    const { request } = exchange;
    try {
      if (!isSaneHost(request)) throw new Problem(400, "bad-host", "Host is not a valid host");
      if (isCut) requireNoBody(request);
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
  }

  return {
    routes: hono.routes,
    fetch(request, info) {
      drain.came();
      const isCut = needsCutting(request);
      const answer = answerTo(new Exchange(request, clock.now(), info), isCut);
      return isCut ? cutting(request, answer) : answer;
    },
    drain: (delayMs) => drain.begin(delayMs),
  };
}

/** The kit's options for Fibonacci. */
function workOptions(
  { deadlineMs, estimateMs, learn, trustsProxy }: AppOptions,
): OffLoopOptions<FibonacciApi> {
  return {
    deadlineMs,
    trustsProxy,
    pure: ["fibonacci"],
    prefix: "fib_",
    log: getLogger("fib.http"),
    label: { name: "algorithm", of: (_method, [, algorithm]) => algorithm as string },
    tagOf: (_method, [n, algorithm]) => ({ n, algorithm }),
    estimate: {
      fibonacci: (n, algorithm, coding) => estimateMs({ n, algorithm, coding }),
    },
    onCall(_method, [n, algorithm, coding], { cache, runMs }) {
      if (cache !== "shared") learn?.({ n, algorithm, coding } as FibonacciJob, runMs);
    },
  };
}

function notFound(): Problem {
  return new Problem(404, "not-found", "No such path; / lists the paths");
}
