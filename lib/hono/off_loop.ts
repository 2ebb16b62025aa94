/**
 * CPU-bound work in a Hono app, off its event loop.
 *
 * ```
 *  request ─► work (middleware) ─► route ─► work.call(c, …) ─► Backend: cached ─► WorkerPool
 *                │ request id                  │ client gone, deadline, Prefer: wait=
 *                │ timings, metrics            │ remembered? feasible? refused?
 *                ▼ Connection: close           ▼
 *             response ◄─ onError ◄─────── Problem: 422, 499, 503, 504, 500
 * ```
 *
 * @module
 */

import type { Context, Hono, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { ArgsOf, Backend, Methods, ResultOf } from "@off-the-loop/pool";
import { type AnswerOptions, answerWith } from "./answer.ts";
import { Core } from "./core.ts";
import { Drain } from "./drain.ts";
import { type Exchange, exchangeOf } from "./exchange.ts";
import { type MapOptions, mapWith } from "./map.ts";
import { type OperatorHandlers, operatorHandlers, operatorRoutes } from "./operator.ts";
import type { OffLoopOptions, WorkOptions } from "./options.ts";
import { type Report, reportsOf, type ReportsOptions } from "./reports.ts";
import { serverTiming } from "./server_timing.ts";
import { streamOf, type StreamOptions } from "./stream.ts";

/** Calls methods for a request. */
export type Call<Api extends Methods<Api>> = <
  Name extends keyof Api & string,
  Args extends ArgsOf<Api[Name]>,
>(
  method: Name,
  args: ArgsOf<Api[Name], Args>,
  options?: WorkOptions,
) => Promise<ResultOf<Api[Name], Args>>;

/**
 * Work for an app: a middleware for its timings, metrics, request ids and draining, and what its routes call.
 *
 * Whatever a method here throws or rejects with is an `HTTPException` that renders itself: no route has to catch it.
 */
export interface OffLoop<Api extends Methods<Api>>
  extends MiddlewareHandler<{ Variables: { call: Call<Api> } }> {
  /**
   * Runs a method for a request: it is called off when the client leaves, and has the request's deadline.
   *
   * @throws {Problem} 422, if it can't be done in time whatever the load; 503, if there is no room; 504, if it was not
   * done in time; 499, if the client has left; 500 for all else, which is logged with the request's id. `cause` is what
   * was thrown.
   */
  call<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: WorkOptions,
  ): Promise<ResultOf<Api[Name], Args>>;
  /**
   * Answers with the text, number or bytes that a pure method comes to: entity tag, conditional requests, ranges,
   * compression in the worker, caching.
   */
  answer<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: AnswerOptions<ResultOf<Api[Name], Args>>,
  ): Response | Promise<Response>;
  /**
   * Runs a method once for each element of a source, several at a time, results in order. The deadline is each call's.
   * What finds no room waits, except for the first call.
   */
  map<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    source: Iterable<ArgsOf<Api[Name], Args>> | AsyncIterable<ArgsOf<Api[Name], Args>>,
    options?: MapOptions,
  ): AsyncIterableIterator<ResultOf<Api[Name], Args>>;
  /**
   * Runs a method and yields what it reports by `current().report()`, each as `{ report }`, and at last what it comes to,
   * as `{ result }`: for `stream()`. A reader who is slow gets the latest report, or all with `reports: "all"`; one who
   * stops reading, or leaves, ends the call. Rejects as `call()` does.
   */
  reports<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: ReportsOptions,
  ): AsyncIterableIterator<Report<ResultOf<Api[Name], Args>>>;
  /**
   * Streams what a source yields, no faster than the client reads: as server-sent events or as JSON, one a line. The
   * first element is awaited before the answer begins, so that overload still is a 503.
   */
  stream(c: Context, source: AsyncIterable<unknown>, options?: StreamOptions): Promise<Response>;
  /**
   * Routes for whoever operates the service: `/healthz`, `/readyz`, `/metrics`, `/events` and `/dashboard`, which shows
   * all of that. Mount them anywhere.
   */
  operator(): Hono;
  /** For `app.onError`: makes a problem of any error, and logs what is a bug. */
  onError(error: Error, c: Context): Response;
  /**
   * Drains: `/readyz` fails from now on, and answers end their connections; work is taken for `delayMs` more, then
   * refused with 503, and event streams end. Called again, it can only make that sooner.
   *
   * @param delayMs Default: `drainDelayMs`. 24 days at most.
   * @returns Resolves when no work is taken and every request that came through the middleware is answered.
   * @throws {RangeError} If the delay is no number.
   */
  drain(delayMs?: number): Promise<void>;
}

/**
 * Makes the work of an app.
 *
 * @throws {RangeError} If `deadlineMs` is no number or negative, or `drainDelayMs` no number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Hono } from "hono";
 * import { inline } from "@off-the-loop/pool/inline";
 * import { offLoop } from "./off_loop.ts";
 *
 * const work = offLoop(inline({ double: (n: number) => 2 * n }), { deadlineMs: 5_000 });
 * const app = new Hono();
 * app.use(work);
 * app.get("/double/:n{[0-9]+}", async (c) =>
 *   c.text(String(await work.call(c, "double", [Number(c.req.param("n"))]))));
 * assertEquals(await (await app.request("/double/21")).text(), "42");
 * ```
 */
export function offLoop<Api extends Methods<Api>>(
  backend: Backend<Api>,
  options: OffLoopOptions<Api> = {},
): OffLoop<Api> {
  const core = new Core(backend, options as OffLoopOptions<never>);
  const drain = new Drain(core, options.drainDelayMs ?? 0);
  /** On their way through this middleware. A request may go through those of others too. */
  const seen = new WeakSet<Exchange>();
  /** The operator's own routes: the dashboard counts the answers of all others. */
  const mounted = new Set<string>();
  let handlers: OperatorHandlers | undefined;

  const left = () => drain.left();
  const call = (
    c: Context,
    method: string,
    args: readonly unknown[],
    options: WorkOptions = {},
  ): Promise<unknown> => core.call(c, exchangeOf(c), { method, args, options });

  function finish(c: Context, exchange: Exchange, own: number): void {
    const { res } = c;
    const route = routePath(c);
    const isRouted = c.req.routeIndex !== own && !(res.status === 404 && route.endsWith("*"));
    if (isRouted) exchange.route = route;
    const ms = core.now() - exchange.startedAt;
    core.metrics.countRequest(c.req.method, exchange.route, res.status, ms);
    core.log.answered(exchange, res.status, ms);
    const { timings, applied } = exchange;
    if (timings && !res.headers.has("server-timing")) {
      setHeader(c, "server-timing", serverTiming(timings));
    }
    for (const name in applied) setHeader(c, name, applied[name]);
    // Its connection is closed soon: what a client sent on it then would be lost.
    if (core.phase !== "open") setHeader(c, "connection", "close");
    // Any answer may be a stream, of the app's own or wrapped by it. What was upgraded is no answer any more.
    if (exchange.info && res.status !== 101) exchange.info.completed.then(left, left);
    else left();
  }

  const middleware = (c: Context, next: () => Promise<void>): Promise<void> => {
    const exchange = exchangeOf(c);
    // It is mounted twice.
    if (seen.has(exchange)) return next();
    seen.add(exchange);
    drain.came();
    const own = c.req.routeIndex;
    c.set(
      "call",
      (method: string, args: readonly unknown[], options?: WorkOptions) =>
        call(c, method, args, options),
    );
    return next().then(() => finish(c, exchange, own), (error) => {
      drain.left();
      throw error;
    });
  };

  const parts: Omit<OffLoop<Api>, never> = {
    call: call as OffLoop<Api>["call"],
    answer: (c, method, args, options = {}) =>
      answerWith(core, c, exchangeOf(c), method, args, options as AnswerOptions),
    map: (c, method, source, options = {}) =>
      mapWith(core, c, exchangeOf(c), method, source, options) as AsyncIterableIterator<never>,
    reports: (c, method, args, options = {}) =>
      reportsOf(core, c, exchangeOf(c), method, args, options) as AsyncIterableIterator<never>,
    stream: (c, source, options = {}) => streamOf(core, c, exchangeOf(c), source, options),
    operator() {
      handlers ??= operatorHandlers(core, drain, {
        eventLoopLag: options.eventLoopLag,
        isTold: (route) => !mounted.has(route),
      });
      return operatorRoutes(handlers, mounted);
    },
    onError(error, c) {
      return core.problem(exchangeOf(c), error, undefined, c).getResponse();
    },
    drain: (delayMs) => drain.begin(delayMs),
  };
  return Object.assign(middleware, parts) as OffLoop<Api>;
}

function setHeader(c: Context, name: string, value: string): void {
  try {
    c.res.headers.set(name, value);
  } catch {
    // Those of a response that was fetched can't be changed: Hono makes another one.
    c.header(name, value);
  }
}
