import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { Backend, BackendCallOptions, Found, Refused, Timing } from "@off-the-loop/pool";
import { clientOf } from "./client.ts";
import { requireMs } from "./duration.ts";
import { type Exchange, exchangeOf } from "./exchange.ts";
import { Metrics } from "./metrics.ts";
import type { OffLoopOptions, WorkOptions } from "./options.ts";
import {
  drainingProblem,
  isTimeout,
  Problem,
  requireFeasible,
  tooLate,
  toProblem,
} from "./problem.ts";
import { preferredWaitMs } from "./read.ts";
import { consoleLog, RequestLog } from "./request_log.ts";
import type { HeaderGroup } from "./respond.ts";

/** A call that is about to be made. */
export interface Ask {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: WorkOptions;
  /** Overrides that of the options. */
  readonly pure: boolean;
  /** Overrides that of the options. */
  readonly fresh: boolean;
}

/** What is known of a call that has failed. */
type FailedAsk = Pick<Ask, "method" | "options">;

/**
 * The shortest work, in milliseconds, that is cancelled when the client leaves. To watch a connection costs 5 µs: work
 * that is shorter than ten times that may as well be finished.
 */
const WATCH_FROM_MS = 0.05;

const HIT: Timing = { waitMs: 0, runMs: 0, transferMs: 0, cache: "hit" };

/**
 * What the parts of the kit share: the bounds, times and errors of calls that are made for requests. Methods are plain
 * names here: the public functions are typed.
 */
export class Core {
  readonly metrics: Metrics;
  readonly log: RequestLog;
  /** How far draining has come: `leaving` still takes work. */
  phase: "open" | "leaving" | "sealed" = "open";
  /** Requests that came from this time on get no work. Those before are finished, with all their calls. */
  sealedAt = Infinity;
  readonly backend: Backend<Record<string, (...args: unknown[]) => unknown>>;
  readonly options: OffLoopOptions<never>;
  /** Returns the time in milliseconds, by the clock of {@linkcode Exchange.startedAt}. */
  readonly now: () => number;
  readonly #pure: ReadonlySet<string>;
  readonly #deadlineMs: number;

  /** @throws {RangeError} If `deadlineMs` is negative or NaN. */
  constructor(
    backend: unknown,
    options: OffLoopOptions<never>,
    now: () => number = () => performance.now(),
  ) {
    const { deadlineMs = 30_000, prefix = "work_", label, log = consoleLog, pure } = options;
    requireMs("deadlineMs", deadlineMs);
    this.backend = backend as Core["backend"];
    this.options = options;
    this.now = now;
    this.#pure = new Set(pure);
    this.#deadlineMs = deadlineMs;
    this.metrics = new Metrics(prefix, label?.name ?? "method");
    this.log = new RequestLog(log, now);
  }

  /**
   * Finds how long a call may take: as long as the app's bound, `deadlineMs` or the client's wish, whichever is the
   * shortest. The headers tell the client that its wish was followed.
   *
   * @throws {Problem} 431, if a header is too long.
   * @throws {RangeError} If `deadlineMs` is negative or NaN.
   */
  waitOf(c: Context, deadlineMs = Infinity): { deadlineMs: number; headers: HeaderGroup } {
    requireMs("deadlineMs", deadlineMs);
    const boundMs = Math.min(deadlineMs, this.#deadlineMs);
    const wishMs = preferredWaitMs(c);
    if (wishMs >= boundMs) return { deadlineMs: boundMs, headers: undefined };
    return { deadlineMs: wishMs, headers: { "preference-applied": `wait=${wishMs / 1000}` } };
  }

  /** Makes an {@linkcode Ask}. The options win over the app's. */
  ask(method: string, args: readonly unknown[], options: WorkOptions): Ask {
    const { pure = this.#pure.has(method), fresh = false } = options;
    return { method, args, options, pure, fresh };
  }

  /** Finds a remembered answer, unless a fresh one is wanted. */
  find(c: Context, { method, args, pure, fresh }: Ask): Found<unknown> | undefined {
    if (fresh || !pure) return undefined;
    const found = this.backend.find?.(method, args as unknown[]);
    if (found) exchangeOf(c).add(HIT);
    return found;
  }

  /**
   * Finds the bounds of a call.
   *
   * @param startedAt When its time began. Default: with the request.
   * @throws {Problem} If the call can't be made: the service drains, its time is over, or it would take too long.
   */
  admit(c: Context, ask: Ask, startedAt?: number): BackendCallOptions {
    const { options } = ask;
    const exchange = exchangeOf(c);
    if (exchange.startedAt >= this.sealedAt) throw drainingProblem();
    const wait = this.waitOf(c, options.deadlineMs);
    exchange.applied = wait.headers;
    // `wait=0` asks for a remembered answer, and there is none.
    if (wait.deadlineMs === 0) throw tooLate(0);
    // All calls of a request share its time.
    const passedMs = this.now() - (startedAt ?? exchange.startedAt);
    const deadlineMs = Math.max(0, wait.deadlineMs - passedMs);
    const estimateMs = options.estimateMs ?? this.#estimate(ask);
    if (!this.#joins(ask)) requireFeasible(estimateMs, wait.deadlineMs);
    const { isBusy } = this.backend;
    // What waits is watched however short it is: else it would keep a place in the queue for nothing.
    const isWatched = isBusy || !(estimateMs !== undefined && estimateMs < WATCH_FROM_MS);
    const { tag = this.options.tagOf?.(ask.method as never, ask.args) } = options;
    return {
      ...options,
      tag,
      fresh: ask.fresh,
      pure: ask.pure,
      deadlineMs,
      // If it starts later, it can't be done in time.
      maxWaitMs: Math.max(0, deadlineMs - (estimateMs ?? 0)),
      estimateMs,
      signal: signalOf(exchange, options.signal, isWatched),
      // To find the client costs 5 µs. It only matters where calls wait.
      group: options.group ?? (isBusy ? this.#clientOf(exchange) : undefined),
    };
  }

  /** Returns why a call would be refused. That is cheaper than to make it and to catch the error. */
  refusal(ask: Ask, bounds: BackendCallOptions): Refused | undefined {
    if (!this.backend.isBusy || this.#joins(ask)) return undefined;
    return this.backend.refusal?.(ask.method, ask.args as unknown[], bounds);
  }

  /** Makes a call that was admitted. Rejects as the backend does. */
  run(c: Context, { method, args, options }: Ask, bounds: BackendCallOptions): Promise<unknown> {
    const { label, onCall } = this.options;
    const exchange = exchangeOf(c);
    return this.backend.call(method, args as unknown[], {
      ...bounds,
      onTiming: (timing) => {
        exchange.add(timing);
        this.#guard(exchange, () => {
          this.metrics.countCall(label?.of(method as never, args) ?? method, timing);
        });
        this.#guard(exchange, () => options.onTiming?.(timing));
        this.#guard(exchange, () => onCall?.(method as never, args, timing));
      },
    });
  }

  /** Answers from memory, or makes a call. Rejects with an error that renders itself. */
  async call(
    c: Context,
    method: string,
    args: readonly unknown[],
    options: WorkOptions = {},
  ): Promise<unknown> {
    const ask = this.ask(method, args, options);
    try {
      const found = this.find(c, ask);
      if (found) return found.value;
      return await this.run(c, ask, this.admit(c, ask));
    } catch (error) {
      throw this.problem(c, error, ask);
    }
  }

  /** Makes an error that renders itself of anything that was thrown. Logs it if the service is to blame. */
  problem(c: Context, error: unknown, ask?: FailedAsk): HTTPException {
    const exchange = exchangeOf(c);
    if (exchange.route === "none") exchange.route = routePath(c);
    return this.problemIn(exchange, error, ask);
  }

  /** As {@linkcode problem}, where no route has been found. */
  problemIn(exchange: Exchange, error: unknown, ask?: FailedAsk): HTTPException {
    if (error instanceof HTTPException && !(error instanceof Problem)) return error;
    const own = ask && this.options.problemOf?.(error, ask.method as never);
    const problem = own ?? (exchange.request.signal.aborted
      // The client is gone: the status is for metrics and log.
      ? new Problem(499, "client-gone", "The client has left", {}, error)
      : isTimeout(error, ask?.options.signal)
      ? tooLate()
      : toProblem(error));
    if (!(problem instanceof Problem) || problem.requestId !== undefined) return problem;
    problem.requestId = exchange.requestId;
    const call = ask && { method: ask.method, tag: ask.options.tag };
    if (!exchange.isSent) this.log.failed(exchange, problem, error, call);
    return problem;
  }

  /** Counts and logs an answer. */
  answered(exchange: Exchange, status: number): void {
    const ms = this.now() - exchange.startedAt;
    this.metrics.countRequest(exchange.request.method, exchange.route, status, ms);
    this.log.answered(exchange, status, ms);
  }

  /** Runs a callback of the app. What it throws is logged: in the pool it would end the process. */
  #guard(exchange: Exchange, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.log.error("Callback threw", exchange, error);
    }
  }

  #joins({ method, args, pure, fresh }: Ask): boolean {
    return !fresh && pure && this.backend.joins?.(method, args as unknown[]) === true;
  }

  #estimate({ method, args }: Ask): number | undefined {
    const estimates = this.options.estimate as Record<string, (...args: unknown[]) => number>;
    const estimateMs = estimates?.[method]?.(...args) ?? NaN;
    // Arguments that make no sense have no estimate. The method says what is wrong with them. A line through measured times
    // may be below zero for small arguments.
    return Number.isNaN(estimateMs) ? undefined : Math.max(0, estimateMs);
  }

  #clientOf({ info, request }: Exchange): string | undefined {
    return clientOf(info?.remoteAddr?.hostname, request.headers, this.options.trustsProxy);
  }
}

function signalOf(
  { request }: Exchange,
  own: AbortSignal | undefined,
  isWatched: boolean,
): AbortSignal | undefined {
  if (!isWatched) return own;
  return own ? AbortSignal.any([own, request.signal]) : request.signal;
}
