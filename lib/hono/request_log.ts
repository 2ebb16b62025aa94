import type { Exchange } from "./exchange.ts";
import type { Problem } from "./problem.ts";

/** Takes lines of a log. */
export interface Log {
  /** Whether lines of a level are written. Default: those of `debug` are not. */
  isEnabledFor?(level: "debug"): boolean;
  /** Called with each request. */
  debug(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Called with overload, at most once a second. */
  warning(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Called with bugs. */
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Writes warnings and errors to the console. */
export const consoleLog: Log = {
  debug() {},
  warning: (message, fields) => console.warn(message, fields),
  error: (message, fields) => console.error(message, fields),
};

/** The least time between two warnings about overload. Without it there would be one a request. */
const REFUSED_INTERVAL_MS = 1000;
/** How many characters of a path are logged. */
const MAX_PATH = 200;

/** Logs requests: each at `debug`, bugs at `error`, overload at `warning`. */
export class RequestLog {
  readonly #log: Log;
  readonly #now: () => number;
  #refused = 0;
  #warnedAt = -Infinity;

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** Logs a request that was answered. It costs next to nothing while `debug` is off. */
  answered(exchange: Exchange, status: number, ms: number): void {
    if (!this.#log.isEnabledFor?.("debug")) return;
    const { request, route, requestId } = exchange;
    // Not by new URL(): it throws for what some clients send.
    const path = request.url.replace(/^\w+:\/\/[^/]*/, "").slice(0, MAX_PATH);
    this.#write("debug", "Request", { method: request.method, path, route, status, ms, requestId });
  }

  /** Logs a problem if the service is to blame. */
  failed(exchange: Exchange, { status, code }: Problem, error: unknown, call?: object): void {
    if (status === 500) this.error("Request failed", exchange, error, call);
    else if (code.startsWith("overloaded")) this.refused();
  }

  /** Counts a refused request. Logs the count once a second. */
  refused(): void {
    this.#refused++;
    const now = this.#now();
    if (now - this.#warnedAt < REFUSED_INTERVAL_MS) return;
    this.#write("warning", "Requests refused", { count: this.#refused });
    this.#refused = 0;
    this.#warnedAt = now;
  }

  /** Logs an error that belongs to a request. */
  error(message: string, exchange: Exchange, error: unknown, details?: object): void {
    const { route, requestId } = exchange;
    this.#write("error", message, { route, requestId, ...details, error });
  }

  /** Logs why no worker can be loaded. */
  notReady(reason: string): void {
    this.#write("error", "No worker can be loaded", { reason });
  }

  /** A log that fails, such as one that makes JSON of any tag, must not fail requests and the drain too. */
  #write(
    level: "debug" | "warning" | "error",
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    try {
      this.#log[level](message, fields);
    } catch (error) {
      console.error("The log has failed", { message, error });
    }
  }
}
