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

const TITLES: Readonly<Record<number, string>> = {
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

/** `Retry-After` of a service that shuts down, in seconds: by then there is another one, or this one has restarted. */
const DRAIN_RETRY_AFTER_S = 5;
/** The longest `Retry-After` of an overload. A client that waited longer would miss the end of it. */
const MAX_RETRY_AFTER_S = 300;

/** The code of a problem: a call would take longer than it may, whatever the load. */
export const INFEASIBLE = "infeasible";

/** Headers of every problem. */
const HEADERS = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/**
 * Thrown to answer with an error, as `application/problem+json` (RFC 9457): Hono asks it for the response. The client sees
 * all of it but `cause`.
 */
export class Problem extends HTTPException {
  /** Tells it from other errors where classes don't. */
  override readonly name: string = "Problem";
  /** What programs tell problems of one status apart by. */
  readonly code: string;
  /** Headers of the answer beyond those that all problems have. */
  readonly headers: Readonly<Record<string, string>>;
  /** The request's id, to find it in the log. Default: a new one, made with the answer. */
  requestId: string | undefined;

  /**
   * Makes a problem.
   *
   * @param status That of the answer, from 400 to 599.
   * @param code What programs know it by.
   * @param detail What was wrong with this request, and what would be right.
   * @param headers Headers beyond those that all problems have.
   * @param cause What was thrown.
   */
  constructor(
    status: number,
    code: string,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    // Hono's type has no 499 and no plain number.
    super(status as 500, { message: detail, cause });
    this.code = code;
    this.headers = headers;
  }

  /** Makes the answer. */
  override getResponse(): Response {
    const { status, code, message: detail } = this;
    const title = TITLES[status] ?? "Error";
    const requestId = this.requestId ??= crypto.randomUUID();
    const text = JSON.stringify({ type: "about:blank", title, status, detail, code, requestId });
    const body = new TextEncoder().encode(text);
    const own = { "content-length": String(body.length), "x-request-id": requestId };
    return respond(body, status, HEADERS, own, this.headers);
  }
}

/** @throws {Problem} 422, if a call would take longer than it may. Without an estimate it may be tried. */
export function requireFeasible(estimateMs = 0, deadlineMs = Infinity): void {
  // NaN is no reason: the backend refuses it as an estimate.
  if (!(estimateMs > deadlineMs)) return;
  const [takes, mayTake] = [estimateMs, deadlineMs].map(humanDuration);
  throw new Problem(422, INFEASIBLE, `It would take about ${takes}; the limit is ${mayTake}`);
}

/** Makes the answer of a service that shuts down. */
export function drainingProblem(): Problem {
  const headers = { "retry-after": String(DRAIN_RETRY_AFTER_S) };
  return new Problem(503, "draining", "The service is shutting down", headers);
}

/** Makes the answer to a request whose deadline has passed. */
export function tooLate(deadlineMs?: number): Problem {
  const mayTake = deadlineMs === undefined ? "it may" : humanDuration(deadlineMs);
  const detail = deadlineMs === 0
    ? "No answer is cached, and the request says that it does not wait"
    : `The answer took longer than ${mayTake}`;
  return new Problem(504, "deadline-exceeded", detail);
}

/**
 * The one table of what an error means to the client. A status below 500 is the client's doing, 503 and 504 come from load, and
 * 500 is a bug, of which the client learns only the request's id.
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
  // WorkerCrashedError too: a method that kills its worker is a bug.
  const detail = "The service has failed: the log has the error, with this requestId";
  return new Problem(500, "internal", detail, {}, error);
}

/** Whether a call was ended by its own `AbortSignal.timeout()`, which counts as a deadline. */
export function isTimeout(error: unknown, signal: AbortSignal | undefined): boolean {
  // By identity: a timeout inside the method, of a fetch for example, has the same name and is a bug.
  return signal?.aborted === true && error === signal.reason && error instanceof DOMException &&
    error.name === "TimeoutError";
}

const OVERLOADED = {
  code: "overloaded",
  detail: "More calls are waiting than can be answered in time",
};
/** What a client is told of a refused call, by reason. */
const REFUSALS: Readonly<Record<Refused["reason"], { code: string; detail: string }>> = {
  queue: OVERLOADED,
  wait: OVERLOADED,
  lane: {
    code: "overloaded-long",
    detail: "A short call took the place of this long one in the queue",
  },
  group: {
    code: "overloaded-client",
    detail: "The client has more calls waiting than its share",
  },
};

/** In whole seconds. */
function retryAfterOf({ retryAfterMs }: Refused): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return String(Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S));
}

/**
 * Makes the answer to a refused call. It is the cheapest way, without an error and without `JSON.stringify`: when calls
 * are refused, there are many of them.
 */
export function refusedResponse(requestId: string, refused: Refused): Response {
  const { code, detail } = REFUSALS[refused.reason];
  // Nothing in it needs to be escaped.
  const body = `{"type":"about:blank","title":"Service Unavailable","status":503,` +
    `"detail":"${detail}","code":"${code}","requestId":"${requestId}"}`;
  const own = { "retry-after": retryAfterOf(refused), "x-request-id": requestId };
  return respond(body, 503, HEADERS, own);
}
