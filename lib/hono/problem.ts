/**
 * Errors as clients see them: `application/problem+json` (RFC 9457), and the one table that says which error of a backend
 * is which status.
 *
 * @module
 */

import { HTTPException } from "hono/http-exception";
import {
  CancelledError,
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  type Refused,
} from "@off-the-loop/pool/parts";
import { humanDuration } from "./duration.ts";
import { respond } from "./respond.ts";

/** A status that a {@linkcode Problem} can have. */
export type ProblemStatus =
  | 400
  | 404
  | 405
  | 406
  | 412
  | 414
  | 416
  | 422
  | 431
  | 499
  | 500
  | 503
  | 504;

const TITLES: Readonly<Record<ProblemStatus, string>> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  412: "Precondition Failed",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  431: "Request Header Fields Too Large",
  499: "Client Closed Request",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Seconds after which a client that met a draining service finds another one, or this one restarted. */
const DRAIN_RETRY_AFTER_S = 5;
/** An estimate beyond this says only "busy": a client that believed it would miss the end of the rush. */
const MAX_RETRY_AFTER_S = 300;

/** What is in each of the answers. */
const HEADERS = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/**
 * Thrown to answer with an error: Hono asks it for the response. Everything in it but `cause` is meant for the client's
 * eyes.
 */
export class Problem extends HTTPException {
  /** Tells it from other errors where classes don't. */
  override readonly name: string = "Problem";
  /** What programs tell problems of one status apart by. */
  readonly code: string;
  /** Headers of the answer beyond those all problems have. */
  readonly headers: Readonly<Record<string, string>>;
  /** The request's, so that it is found in the log. Default: one is made with the answer. */
  requestId: string | undefined;

  /**
   * Makes a problem.
   *
   * @param code What programs know it by.
   * @param detail What was wrong with this request, and what would be right.
   * @param headers Headers of the answer. Default: those that all problems have.
   * @param cause What was thrown. The client is not told.
   */
  constructor(
    status: ProblemStatus,
    code: string,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    // Hono's type has no 499.
    super(status as 500, { message: detail, cause });
    this.code = code;
    this.headers = headers;
  }

  /** Makes the answer. */
  override getResponse(): Response {
    return problemResponse(this, this.requestId ??= crypto.randomUUID());
  }
}

/** @returns The answer of a service that is about to end. */
export function drainingProblem(): Problem {
  const headers = { "retry-after": String(DRAIN_RETRY_AFTER_S) };
  return new Problem(503, "draining", "The service is shutting down", headers);
}

/**
 * @param deadlineMs Default: nobody knows.
 * @returns The answer to a request whose deadline has passed.
 */
export function tooLate(deadlineMs?: number): Problem {
  const detail = deadlineMs === 0
    ? "The answer is not there yet, and the client does not wait for it"
    : `The answer took longer than ${
      deadlineMs === undefined ? "it may" : humanDuration(deadlineMs)
    }`;
  return new Problem(504, "deadline-exceeded", detail);
}

/** The call is estimated to take longer than it may, whatever the load. Nothing was started. */
export class InfeasibleError extends Problem {
  /** Tells it from other errors where classes don't. */
  override readonly name = "InfeasibleError";
  /** What the call is estimated to take, in milliseconds. */
  readonly estimateMs: number;
  /** What it may take, in milliseconds. */
  readonly deadlineMs: number;

  /** Makes the answer to a call that takes longer than it may. */
  constructor(estimateMs: number, deadlineMs: number) {
    const [takes, mayTake] = [estimateMs, deadlineMs].map(humanDuration);
    super(422, "infeasible", `It would take about ${takes}, and may take ${mayTake}`);
    this.estimateMs = estimateMs;
    this.deadlineMs = deadlineMs;
  }
}

/** @throws {InfeasibleError} If a call takes longer than it may. What is not known to, may be tried. */
export function requireFeasible(estimateMs = 0, deadlineMs = Infinity): void {
  if (estimateMs > deadlineMs) throw new InfeasibleError(estimateMs, deadlineMs);
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
  if (error instanceof DeadlineExceededError) return tooLate(error.deadlineMs);
  if (error instanceof CancelledError) {
    return new Problem(503, "cancelled", "The call was cancelled while it waited", {
      "retry-after": "1",
    });
  }
  // WorkerCrashedError too: code that brings its worker down is a bug, not load.
  const detail = "Something went wrong here; requestId finds it in the log";
  return new Problem(500, "internal", detail, {}, error);
}

/** Whether a call ended because its own `AbortSignal.timeout()` did: as good as its deadline. */
export function isTimeout(error: unknown, signal: AbortSignal | undefined): boolean {
  // A method's own timeout, of a fetch for example, has the same name, and is a bug.
  return signal?.aborted === true && error === signal.reason && error instanceof DOMException &&
    error.name === "TimeoutError";
}

/** @returns A problem's answer; without the body if that is to a HEAD. */
export function problemResponse(problem: Problem, requestId: string, isHead = false): Response {
  const { status, code, message: detail, headers } = problem;
  const title = TITLES[status as ProblemStatus];
  const body = new TextEncoder().encode(
    JSON.stringify({ type: "about:blank", title, status, detail, code, requestId }),
  );
  const own = { "content-length": String(body.length), "x-request-id": requestId };
  return respond(isHead ? null : body, status, HEADERS, own, headers);
}

/** What programs and people are told of a call for which there is no room, by reason. */
const REFUSALS: Readonly<Record<Refused["reason"], { code: string; detail: string }>> = {
  queue: { code: "overloaded", detail: "More calls are waiting than can be answered in time" },
  wait: { code: "overloaded", detail: "More calls are waiting than can be answered in time" },
  lane: { code: "overloaded-long", detail: "It takes long, and made room for calls that don't" },
  group: {
    code: "overloaded-client",
    detail: "The client has more calls waiting than its share, and made room for others",
  },
};

/** When to come back, in whole seconds, as `Retry-After` has it. */
function retryAfterOf({ retryAfterMs }: Refused): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return String(Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S));
}

/**
 * @returns The answer to a call that is refused. When there are many of them there is least time for each, so that it is
 * put together from what is the same in all, without an error.
 */
export function refusedResponse(requestId: string, refused: Refused): Response {
  const { code, detail } = REFUSALS[refused.reason];
  // Nothing in it needs to be escaped.
  const body = `{"type":"about:blank","title":"Service Unavailable","status":503,` +
    `"detail":"${detail}","code":"${code}","requestId":"${requestId}"}`;
  const own = { "retry-after": retryAfterOf(refused), "x-request-id": requestId };
  return respond(body, 503, HEADERS, own);
}
