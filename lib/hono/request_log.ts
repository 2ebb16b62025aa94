import type { Exchange } from "./exchange.ts";
import type { Problem } from "./problem.ts";

/** Where lines go, by how much they matter. */
export interface Log {
  /** Whether lines of a level are written. Default: those of `debug` are not. */
  isEnabledFor?(level: "debug"): boolean;
  /** Each request. */
  debug(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Overload, once a second. */
  warning(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Bugs. */
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Writes warnings and errors to the console. */
export const consoleLog: Log = {
  debug() {},
  warning: (message, fields) => console.warn(message, fields),
  error: (message, fields) => console.error(message, fields),
};

/** The least time between two warnings about overload, which would otherwise write a line a request. */
const SHED_INTERVAL_MS = 1000;
/** As much of a path as a line holds. */
const MAX_PATH = 200;

/** What the log says about requests: each at `debug`, bugs at `error`, overload at `warning`. */
export class RequestLog {
  readonly #log: Log;
  #shed = 0;
  #warnedAt = -Infinity;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Logs an answered request. Next to free while `debug` is off. */
  answered(exchange: Exchange, status: number, ms: number): void {
    if (!this.#log.isEnabledFor?.("debug")) return;
    const { request, route, requestId } = exchange;
    // No new URL(): it throws for what some clients send.
    const path = request.url.replace(/^\w+:\/\/[^/]*/, "").slice(0, MAX_PATH);
    this.#log.debug("Request", { method: request.method, path, route, status, ms, requestId });
  }

  /** Logs what went wrong with a request, as far as it is not the client's doing. */
  failed(exchange: Exchange, problem: Problem, error: unknown, now: number): void {
    const { route } = exchange;
    if (problem.status === 500) {
      this.#log.error("Request failed", {
        route,
        requestId: exchange.requestId,
        ...exchange.failed,
        error,
      });
    } else if (problem.code.startsWith("overloaded")) this.refused(now);
  }

  /** Counts a request that there was no room for, and logs how many there were, once a second. */
  refused(now: number): void {
    this.#shed++;
    if (now - this.#warnedAt < SHED_INTERVAL_MS) return;
    this.#log.warning("Requests refused", { shed: this.#shed });
    this.#shed = 0;
    this.#warnedAt = now;
  }

  /** Logs an answer that was cut in the middle. */
  cut(exchange: Exchange, error: unknown): void {
    const { route, requestId } = exchange;
    this.#log.error("Answer cut short", { route, requestId, error });
  }

  /** Logs what a callback of the app threw, beside an answer that is none the worse for it. */
  threw(exchange: Exchange, error: unknown): void {
    const { route, requestId } = exchange;
    this.#log.error("Callback threw", { route, requestId, error });
  }

  /** Logs why no worker can be loaded. */
  notReady(reason: string): void {
    this.#log.error("No worker can be loaded", { reason });
  }
}
