/**
 * One call for one request: what bounds it, what is noted of it, and what becomes of its errors.
 *
 * @module
 */

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { Backend, BackendCallOptions, Found, Refused, Timing } from "@off-the-loop/pool";
import { isWatched, waitOf } from "./bounds.ts";
import { clientOf } from "./client.ts";
import type { Exchange } from "./exchange.ts";
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
import { consoleLog, RequestLog } from "./request_log.ts";

/** A call that is about to be made: a method, its arguments, and its caller's options. */
export interface Ask {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: WorkOptions;
  /** Default: what the options say, or the app. */
  readonly pure?: boolean;
  /** Default: what the options say. */
  readonly fresh?: boolean;
}

const HIT: Timing = { waitMs: 0, runMs: 0, transferMs: 0, cache: "hit" };

/** What the parts of the kit share. Methods go by name here: whoever calls from outside is typed. */
export class Core {
  readonly metrics: Metrics;
  readonly log: RequestLog;
  /** How far it is with draining: `leaving` still takes work. */
  phase: "open" | "leaving" | "sealed" = "open";
  readonly backend: Backend<Record<string, (...args: unknown[]) => unknown>>;
  readonly #options: OffLoopOptions<never>;
  readonly #pure: ReadonlySet<string>;
  readonly #deadlineMs: number;

  /** The time, in milliseconds, as exchanges begin by it. */
  readonly now: () => number;

  /** @throws {RangeError} If the deadline is no number, or less than none. */
  constructor(
    backend: unknown,
    options: OffLoopOptions<never>,
    now: () => number = () => performance.now(),
  ) {
    this.now = now;
    this.backend = backend as Core["backend"];
    this.#options = options;
    this.#pure = new Set(options.pure);
    const { deadlineMs = 30_000 } = options;
    if (!(deadlineMs >= 0)) throw new RangeError(`deadlineMs is ${deadlineMs}: must be 0 or more`);
    this.#deadlineMs = deadlineMs;
    this.metrics = new Metrics({
      prefix: options.prefix ?? "work_",
      label: options.label?.name ?? "method",
    });
    this.log = new RequestLog(options.log ?? consoleLog);
  }

  /** What a `version` that the app gives makes of entity tags. */
  get version(): string | undefined {
    return this.#options.version;
  }

  /** What a caller's own bound comes to: it can't be longer than the app's. */
  boundMs(deadlineMs: number = Infinity): number {
    return Math.min(deadlineMs, this.#deadlineMs);
  }

  /** Finds a remembered answer, unless a fresh one is wanted. */
  find(exchange: Exchange, ask: Ask): Found<unknown> | undefined {
    if (isFresh(ask) || !this.#isPure(ask)) return undefined;
    const found = this.backend.find?.(ask.method, ask.args as unknown[]);
    if (found) note(exchange, HIT);
    return found;
  }

  /**
   * Finds what bounds a call.
   *
   * @param startedAt When its time began, by the real clock. Default: with the request.
   * @throws {Problem} If it is not to be made at all: draining, too late, or never feasible.
   */
  admit(
    c: Context,
    exchange: Exchange,
    ask: Ask,
    startedAt: number = exchange.startedAt,
  ): BackendCallOptions {
    if (this.phase === "sealed") throw drainingProblem();
    const { options } = ask;
    const wait = waitOf(c, this.boundMs(options.deadlineMs));
    exchange.applied = wait.headers;
    // What is remembered may be had at once; to compute for no time at all makes no sense.
    if (wait.deadlineMs === 0) throw tooLate(0);
    // Of one request: what an earlier call took, a later one has not.
    const deadlineMs = Math.max(0, wait.deadlineMs - (this.now() - startedAt));
    const estimateMs = options.estimateMs ?? this.#estimate(ask);
    if (!this.#joins(ask)) requireFeasible(estimateMs, wait.deadlineMs);
    const { isBusy } = this.backend;
    const { tag = this.#options.tagOf?.(ask.method as never, ask.args) } = options;
    return {
      ...options,
      tag,
      fresh: isFresh(ask),
      pure: this.#isPure(ask),
      deadlineMs,
      // What starts later can't be done in time.
      maxWaitMs: Math.max(0, deadlineMs - (estimateMs ?? 0)),
      estimateMs,
      signal: this.#signalOf(exchange, options.signal, isWatched(estimateMs, isBusy)),
      // To find out whose call it is takes 5 µs. Where nobody waits there are no turns to take.
      group: options.group ?? (isBusy ? this.#clientOf(exchange) : undefined),
    };
  }

  /** Why a call would be refused, if it would be: cheaper than to make it and to catch the error. */
  refusal(ask: Ask, bounds: BackendCallOptions): Refused | undefined {
    if (!this.backend.isBusy || this.#joins(ask)) return undefined;
    return this.backend.refusal?.(ask.method, ask.args as unknown[], bounds);
  }

  /** Makes a call that was admitted. Rejects with whatever the backend does. */
  run(exchange: Exchange, { method, args, options }: Ask, bounds: BackendCallOptions) {
    const { label, onCall } = this.#options;
    return this.backend.call(method, args as unknown[], {
      ...bounds,
      onTiming: (timing) => {
        note(exchange, timing);
        this.#guard(exchange, () => {
          this.metrics.countCall(label?.of(method as never, args) ?? method, timing);
        });
        this.#guard(exchange, () => options.onTiming?.(timing));
        this.#guard(exchange, () => onCall?.(method as never, args, timing));
      },
    });
  }

  /** Answers from memory, or makes a call. Rejects with whatever renders itself. */
  async call(c: Context, exchange: Exchange, ask: Ask): Promise<unknown> {
    try {
      const found = this.find(exchange, ask);
      if (found) return found.value;
      return await this.run(exchange, ask, this.admit(c, exchange, ask));
    } catch (error) {
      throw this.problem(exchange, error, ask, c);
    }
  }

  /** Makes what renders itself of whatever was thrown, and logs it if it is the service's fault. */
  problem(exchange: Exchange, error: unknown, ask?: Ask, c?: Context): HTTPException {
    if (error instanceof HTTPException && !(error instanceof Problem)) return error;
    const own = ask && this.#options.problemOf?.(error, ask.method as never);
    const problem = own ?? (exchange.request.signal.aborted
      // Nobody is there to read it: the status is for metrics and log.
      ? new Problem(499, "client-gone", "The client has left", {}, error)
      : isTimeout(error, ask?.options.signal)
      ? tooLate()
      : toProblem(error));
    if (!(problem instanceof Problem) || problem.requestId !== undefined) return problem;
    problem.requestId = exchange.requestId;
    if (c && exchange.route === "none") exchange.route = routePath(c);
    exchange.failed = ask && { method: ask.method, tag: ask.options.tag };
    if (!exchange.isSent) this.log.failed(exchange, problem, error, this.now());
    return problem;
  }

  /** Calls the app back. The pool does so on its own, where an error would end the process. */
  #guard(exchange: Exchange, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.log.threw(exchange, error);
    }
  }

  #isPure({ method, options, pure = options.pure ?? this.#pure.has(method) }: Ask): boolean {
    return pure;
  }

  #joins(ask: Ask): boolean {
    return !isFresh(ask) && this.#isPure(ask) &&
      this.backend.joins?.(ask.method, ask.args as unknown[]) === true;
  }

  #estimate({ method, args }: Ask): number | undefined {
    const estimates = this.#options.estimate as Record<string, (...args: unknown[]) => number>;
    const estimateMs = estimates?.[method]?.(...args);
    // There is none for nonsense, and what is wrong with it is the function's to say.
    return Number.isNaN(estimateMs) ? undefined : estimateMs;
  }

  #clientOf({ info, request }: Exchange): string | undefined {
    return clientOf(info?.remoteAddr?.hostname, request.headers, this.#options.trustsProxy);
  }

  #signalOf(
    { request }: Exchange,
    own: AbortSignal | undefined,
    isWatched: boolean,
  ): AbortSignal | undefined {
    if (!isWatched) return own;
    return own ? AbortSignal.any([own, request.signal]) : request.signal;
  }
}

function note(exchange: Exchange, timing: Timing): void {
  if (exchange.timings) exchange.timings.push(timing);
  else exchange.timings = [timing];
}

function isFresh({ options, fresh = options.fresh ?? false }: Ask): boolean {
  return fresh;
}
