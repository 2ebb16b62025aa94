/**
 * Errors as clients see them: `application/problem+json` (RFC 9457), and the one table that says which
 * error of a `Compute` is which status.
 *
 * @module
 */

import {
  DeadlineExceededError,
  InfeasibleError,
  OverloadedError,
  PoolClosedError,
} from "../compute/mod.ts";
import { humanDuration } from "./duration.ts";
import type { Exchange } from "./exchange.ts";
import { REFUSALS, retryAfterOf } from "./refusal.ts";

const TITLES = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  412: "Precondition Failed",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
} as const;

/** Seconds after which a client that met a draining service finds another one, or this one restarted. */
const DRAIN_RETRY_AFTER_S = 5;

/** Thrown by handlers to answer with an error. Everything in it is meant for the client's eyes. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: keyof typeof TITLES;
  /** What programs tell problems of one status apart by. */
  readonly code: string;
  /** Headers of the answer beyond those all problems have. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail What was wrong with this request, and what would be right. */
  constructor(
    status: keyof typeof TITLES,
    code: string,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** @returns The answer of a service that is about to end. */
export function drainingProblem(): Problem {
  return new Problem(
    503,
    "draining",
    "The service is shutting down",
    { "retry-after": String(DRAIN_RETRY_AFTER_S) },
  );
}

/** @returns The answer to a request whose deadline has passed. */
export function tooLate(deadlineMs: number): Problem {
  const detail = deadlineMs === 0
    ? "The answer is not there yet, and the client does not wait for it"
    : `The answer took longer than ${humanDuration(deadlineMs)}`;
  return new Problem(504, "deadline-exceeded", detail);
}

/** @returns The answer to a request for another form of the resource than the one that there is. */
export function preconditionFailed(): Problem {
  return new Problem(412, "precondition-failed", "If-Match names another entity tag");
}

/**
 * The table: what whatever was thrown means to the client. Statuses below 500 are its own doing, 503 and
 * 504 the load's, and a 500 is a bug, of which it learns nothing but that it is known.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof PoolClosedError) return drainingProblem();
  if (error instanceof OverloadedError) {
    const { code, detail } = REFUSALS[error.reason];
    return new Problem(503, code, detail, { "retry-after": retryAfterOf(error) });
  }
  if (error instanceof DeadlineExceededError) {
    return tooLate(error.deadlineMs);
  }
  if (error instanceof InfeasibleError) {
    const [takes, mayTake] = [error.estimateMs, error.deadlineMs].map(humanDuration);
    return new Problem(422, "infeasible", `It would take about ${takes}, and may take ${mayTake}`);
  }
  // WorkerCrashedError too: code that brings its worker down is a bug, not load.
  return new Problem(500, "internal", "Something went wrong here; requestId finds it in the log");
}

/** @returns The answer to `exchange`; without the body if that is a HEAD. */
export function problemResponse(problem: Problem, exchange: Exchange): Response {
  const { status, code, message: detail } = problem;
  const { requestId } = exchange;
  const title = TITLES[status];
  const body = new TextEncoder().encode(
    JSON.stringify({ type: "about:blank", title, status, detail, code, requestId }),
  );
  return new Response(exchange.request.method === "HEAD" ? null : body, {
    status,
    headers: {
      "content-type": "application/problem+json",
      "content-length": String(body.length),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      ...problem.headers,
    },
  });
}
