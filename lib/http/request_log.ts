import { getLogger } from "../log.ts";
import type { Exchange } from "./exchange.ts";
import type { Problem } from "./problem.ts";

const logger = getLogger("fib.http");
/** The least time between two warnings about overload, which would otherwise write a line a request. */
const SHED_INTERVAL_MS = 1000;
/** As much of a path as a line holds. */
const MAX_PATH = 200;

/** What the log says about requests: each at `debug`, bugs at `error`, overload at `warning`. */
export class RequestLog {
  #shed = 0;
  #warnedAt = -Infinity;

  /** Logs an answered request. Next to free while `debug` is off. */
  answered(exchange: Exchange, status: number, ms: number): void {
    if (!logger.isEnabledFor("debug")) return;
    const { request, route, requestId } = exchange;
    // No new URL(): it throws for what some clients send.
    const path = request.url.replace(/^\w+:\/\/[^/]*/, "").slice(0, MAX_PATH);
    logger.debug("Request", { method: request.method, path, route, status, ms, requestId });
  }

  /** Logs what went wrong with a request, as far as it is not the client's doing. */
  failed(exchange: Exchange, problem: Problem, error: unknown, now: number): void {
    const { route } = exchange;
    if (problem.status === 500) {
      logger.error("Request failed", { route, requestId: exchange.requestId, error });
    } else if (problem.code.startsWith("overloaded")) this.refused(now);
  }

  /** Counts a request that there was no room for, and logs how many there were, once a second. */
  refused(now: number): void {
    this.#shed++;
    if (now - this.#warnedAt < SHED_INTERVAL_MS) return;
    logger.warning("Requests refused", { shed: this.#shed });
    this.#shed = 0;
    this.#warnedAt = now;
  }

  /** Logs an answer that was cut in the middle. */
  cut(exchange: Exchange, error: unknown): void {
    const { route, requestId } = exchange;
    logger.error("Answer cut short", { route, requestId, error });
  }
}
