/**
 * The HTTP side of the service: a Hono app over whatever backend computes.
 *
 * ```
 *            ┌── fetch ───────────────────────────────────────────────────┐
 *  request ──┤ Exchange ─► Host check ─► Hono ─► handler ─► Backend       ├─► metrics, log ─► response
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
import type { FibonacciApi, FibonacciJob } from "../compute/mod.ts";
import type { TrustsProxy } from "../hono/client.ts";
import { type Clock, systemClock } from "../hono/clock.ts";
import { matchesEtag } from "../hono/conditional.ts";
import { EventLoopLag } from "../hono/event_loop_lag.ts";
import { Core } from "../hono/core.ts";
import { Drain } from "../hono/drain.ts";
import type { OffLoopOptions } from "../hono/mod.ts";
import { operatorHandlers } from "../hono/operator.ts";
import { kept } from "../hono/page.ts";
import { drainingProblem, preconditionFailed, Problem, problemResponse } from "../hono/problem.ts";
import { withoutLength } from "../hono/honest_head.ts";
import { header } from "../hono/read.ts";
import { fresh, isStreamed, whole } from "../hono/respond.ts";
import { getLogger } from "../log.ts";
import type { Backend } from "../pool/mod.ts";
import { type AppEnv, AppExchange, type ServeInfo } from "./exchange.ts";
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
  /** Whatever answers. */
  readonly backend: Backend<FibonacciApi>;
  /** Told how long a number that was computed took. Default: nobody is. */
  readonly learn?: (job: FibonacciJob, runMs: number) => void;
  /** Which proxies tell whose requests theirs are. Default: none. */
  readonly trustsProxy?: TrustsProxy;
  /**
   * The page at `/`. Asked for it when somebody wants it, until there is one. Default: there is none, and a plain
   * list of links is in its place.
   */
  readonly page?: PageSource;
  /** Started and stopped by its owner. Default: one that never started, and shows zeros. */
  readonly eventLoopLag?: EventLoopLag;
  /** Default: the real time. */
  readonly clock?: Clock;
  /** Metrics of whatever is around the app, in Prometheus' text format. Called for each scrape. Default: none. */
  readonly moreMetrics?: () => Promise<string>;
}

/** The app. */
export interface App {
  /** Answers a request. Never throws and never rejects. */
  readonly fetch: (request: Request, info?: ServeInfo) => Response | Promise<Response>;
  /** What it routes, in Hono's notation; HEAD and OPTIONS go without saying. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /**
   * From now on `/readyz` answers 503, and answers end their connections. After `delayMs` whatever asks for work is
   * answered with 503 too, and event streams end; what was accepted is finished.
   *
   * @param delayMs Default: 0.
   * @returns Resolves when every request that has come in is answered, and every answer sent.
   */
  drain(delayMs?: number): Promise<void>;
}

/** Every path takes the same. */
const ALLOW = { allow: "GET, HEAD, OPTIONS" };

/**
 * Makes the app.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { REFERENCE_SPEED } from "../fibonacci/mod.ts";
 * import { inline } from "../pool/inline.ts";
 * import { createApp } from "./app.ts";
 *
 * const app = createApp({
 *   backend: inline({ fibonacci: () => "3524578", calibrate: () => REFERENCE_SPEED }),
 *   estimateMs: () => 1,
 *   maxN: 1000,
 *   deadlineMs: 1000,
 *   algorithm: "fast-doubling",
 * });
 * const response = await app.fetch(new Request("http://localhost/33"));
 * assertEquals(await response.text(), "3524578");
 * ```
 */
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
  /** What may have a port of its own: what shows, and tells operators and balancers, how the service does. */
  const operatorPaths = new Set(["/", ASSET_PATH, ...Object.keys(operator)]);
  const page = kept(options.page ?? (() => Promise.resolve(undefined)));

  const left = () => drain.left();
  /** The routes that have parameters. */
  const patterns = new Set<string>();
  const hono = new Hono<AppEnv>();
  type Handler = (c: Context<AppEnv>) => Response | Promise<Response>;
  const get = (path: string, handler: Handler, { hasEtag = false } = {}) => {
    if (path.includes(":")) patterns.add(path);
    hono.get(path, (c) => {
      // Hono takes the text of a pattern for a path that the pattern matches.
      if (patterns.has(c.req.path)) throw notFound();
      if (c.env.info?.withoutOperator && operatorPaths.has(path)) throw notFound();
      c.env.route = path;
      if (!hasEtag) requireNoEtag(c);
      return handler(c);
    });
  };
  const getWork = (path: string, handler: Handler, options?: { hasEtag: boolean }) =>
    get(path, (c) => {
      if (core.phase === "sealed") throw drainingProblem();
      return handler(c);
    }, options);

  getWork(FIBONACCI_PATH, (c) => answerFibonacci(c, core, options), { hasEtag: true });
  const size = () => backend.stats().size ?? 1;
  getWork("/sequence", (c) => answerSequence(c, core, options, size));
  for (const [path, handler] of Object.entries(operator)) {
    get(path, handler, { hasEtag: path === "/dashboard" });
  }
  get("/", async (c) => {
    const built = await page();
    if (built) return answerBuilt(c, built);
    requireNoEtag(c);
    const headers = fresh("text/html; charset=utf-8");
    return whole(INDEX_PAGE, { ...headers, "content-security-policy": INDEX_CSP });
  }, { hasEtag: true });
  get(ASSET_PATH, async (c) => answerAsset(c, await page()));
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
    const problem = core.problem(exchange, error);
    return problem instanceof Problem
      ? problemResponse(problem, exchange.requestId, exchange.request.method === "HEAD")
      : problem.getResponse();
  }

  function finish(exchange: AppExchange, response: Response): Response {
    const { request, info } = exchange;
    const ms = clock.now() - exchange.startedAt;
    core.metrics.countRequest(request.method, exchange.route, response.status, ms);
    core.log.answered(exchange, response.status, ms);
    // To ask when an answer has been sent costs 0.7 µs: a short one is as soon as it is returned.
    if (info && isStreamed(response)) info.completed.then(left, left);
    else left();
    const answer = withoutLength(request, response);
    // Its connection is closed soon: what a client sent on it then would be lost.
    if (core.phase !== "open") answer.headers.set("connection", "close");
    return needsCutting(exchange) ? cutting(exchange, answer) : answer;
  }

  return {
    routes: hono.routes,
    fetch(request, info) {
      drain.came();
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
    drain: (delayMs) => drain.begin(delayMs),
  };
}

/** What Fibonacci tells the kit of itself. */
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
      if (cache === "shared") return;
      const job = { n, algorithm, coding } as FibonacciJob;
      learn?.(job, runMs);
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
