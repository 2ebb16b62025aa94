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
import { type StreamOptions, streamWith } from "./stream.ts";

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
 * The work of an app: a middleware for times, metrics, request ids and draining, and the functions that routes call.
 *
 * What these throw or reject with is an `HTTPException` that renders itself. No route has to catch it.
 */
export interface OffLoop<Api extends Methods<Api>>
  extends MiddlewareHandler<{ Variables: { call: Call<Api> } }> {
  /**
   * Runs a method for a request. The call is cancelled when the client leaves, and has the request's deadline.
   *
   * @throws {Problem} 422 if it would take too long whatever the load; 503 if there is no room; 504 if it was not done
   * in time; 499 if the client has left; else 500, logged with the request's id. `cause` is the original error.
   */
  call<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: WorkOptions,
  ): Promise<ResultOf<Api[Name], Args>>;
  /**
   * Answers with the text, number or bytes that a pure method returns: entity tag, conditional requests, ranges,
   * compression in the worker, caching.
   */
  answer<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: AnswerOptions<ResultOf<Api[Name], Args>>,
  ): Response | Promise<Response>;
  /**
   * Runs a method for each element of a source, several at a time. Yields the results in order. The deadline is that of
   * each call. The first call may be refused; later ones wait for room.
   */
  map<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    source: Iterable<ArgsOf<Api[Name], Args>> | AsyncIterable<ArgsOf<Api[Name], Args>>,
    options?: MapOptions,
  ): AsyncIterableIterator<ResultOf<Api[Name], Args>>;
  /**
   * Runs a method. Yields each value of `current().report()` as `{ report }`, then the result as `{ result }`. A slow
   * reader gets the latest report, or all with `reports: "all"`. A reader that stops ends the call. Rejects as `call()`
   * does.
   */
  reports<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    c: Context,
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options?: ReportsOptions,
  ): AsyncIterableIterator<Report<ResultOf<Api[Name], Args>>>;
  /**
   * Streams a source as server-sent events or JSON lines, no faster than the client reads. The first element is awaited
   * before the answer begins, so that overload still is a 503.
   */
  stream(c: Context, source: AsyncIterable<unknown>, options?: StreamOptions): Promise<Response>;
  /**
   * Makes the routes for operators: `/healthz`, `/readyz`, `/metrics`, `/events`, and `/dashboard`, which shows all of
   * that. Mount them under any path.
   */
  operator(): Hono;
  /** For `app.onError`: answers any error with a problem, and logs bugs. */
  onError(error: Error, c: Context): Response;
  /**
   * Drains. `/readyz` fails at once, and answers end their connections. After `delayMs` new requests for work are refused
   * with 503, and event streams end. Requests that came before get all their calls. Another call of this can only make
   * that earlier.
   *
   * @param delayMs At most 24 days. Default: `drainDelayMs`.
   * @returns Resolves when no work is taken and all requests that came through the middleware are answered.
   * @throws {RangeError} If the delay is NaN.
   */
  drain(delayMs?: number): Promise<void>;
}

/**
 * Makes the work of an app.
 *
 * @throws {RangeError} If `deadlineMs` is negative or NaN, or `drainDelayMs` is NaN.
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
  /** Requests that have come through this middleware. One may come through those of other apps, too. */
  const seen = new WeakSet<Exchange>();
  /** The operator's own routes: the dashboard counts the answers of all others. */
  const mounted = new Set<string>();
  let handlers: OperatorHandlers | undefined;

  const left = () => drain.left();

  function finish(c: Context, exchange: Exchange, own: number): void {
    const { res } = c;
    const route = routePath(c);
    const isRouted = c.req.routeIndex !== own && !(res.status === 404 && route.endsWith("*"));
    if (isRouted) exchange.route = route;
    core.answered(exchange, res.status);
    const { timing, applied } = exchange;
    if (timing && !res.headers.has("server-timing")) {
      setHeader(c, "server-timing", serverTiming(timing));
    }
    for (const name in applied) setHeader(c, name, applied[name]);
    // The connection is closed soon. A request that the client still sent on it would be lost.
    if (core.phase !== "open") setHeader(c, "connection", "close");
    // The answer may be a stream, also one of the app's own. An upgraded connection has no answer that ends.
    if (exchange.info && res.status !== 101) exchange.info.completed.then(left, left);
    else left();
  }

  const middleware = (c: Context, next: () => Promise<void>): Promise<void> => {
    const exchange = exchangeOf(c);
    // The app uses it twice.
    if (seen.has(exchange)) return next();
    seen.add(exchange);
    drain.came();
    const own = c.req.routeIndex;
    c.set("call", (...call: Parameters<Call<never>>) => core.call(c, ...call));
    return next().then(() => finish(c, exchange, own), (error) => {
      drain.left();
      throw error;
    });
  };

  const parts: Omit<OffLoop<Api>, never> = {
    call: core.call.bind(core) as OffLoop<Api>["call"],
    answer: (c, method, args, options = {}) =>
      answerWith(core, c, method, args, options as AnswerOptions),
    map: (c, method, source, options = {}) =>
      mapWith(core, c, method, source, options) as AsyncIterableIterator<never>,
    reports: (c, method, args, options = {}) =>
      reportsOf(core, c, method, args, options) as AsyncIterableIterator<never>,
    stream: (c, source, options = {}) => streamWith(core, c, source, options),
    operator() {
      handlers ??= operatorHandlers(core, drain, {
        eventLoopLag: options.eventLoopLag,
        isTold: (route) => !mounted.has(route),
      });
      return operatorRoutes(handlers, mounted);
    },
    onError: (error, c) => core.problem(c, error).getResponse(),
    drain: (delayMs) => drain.begin(delayMs),
  };
  return Object.assign(middleware, parts) as OffLoop<Api>;
}

function setHeader(c: Context, name: string, value: string): void {
  try {
    c.res.headers.set(name, value);
  } catch {
    // The headers of a fetched response can't be changed. Hono copies it.
    c.header(name, value);
  }
}
