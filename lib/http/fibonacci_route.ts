import type { Context } from "hono";
import type { Compute, FibonacciJob, FibonacciResult } from "../compute/mod.ts";
import { namesEtag, parseRange } from "./conditional.ts";
import type { AppEnv } from "./exchange.ts";
import { boundsOf, type Limits, parseN, queryAlgorithm, requireFeasible } from "./job.ts";
import { type Format, MEDIA_TYPES, negotiate } from "./negotiation.ts";
import { Problem } from "./problem.ts";
import { bytesOf, etagOf, IMMUTABLE, lengthOf } from "./representation.ts";

/** Its pattern. ASCII digits alone: `\d` is the same here, and `-1`, `1e3` or `５` are other paths. */
export const FIBONACCI_PATH = "/:n{[0-9]+}";

/** What this route and the sequence's work with. */
export interface AnswerOptions {
  readonly compute: Compute;
  readonly limits: Limits;
  /** Told of each answer. */
  readonly onAnswer: (job: FibonacciJob, result: FibonacciResult) => void;
}

/**
 * Answers `GET /n`.
 *
 * The order matters: whatever is wrong with the request comes first, so that GET, HEAD and conditional
 * requests agree on it; then what can be answered without computing; then the computing.
 */
export async function answerFibonacci(
  c: Context<AppEnv>,
  { compute, limits, onAnswer }: AnswerOptions,
): Promise<Response> {
  const algorithm = queryAlgorithm(c, limits);
  const format = negotiate(c.req.header("accept"));
  if (format === undefined) {
    const types = Object.values(MEDIA_TYPES).join(" and ");
    throw new Problem(406, "not-acceptable", `There are ${types}`);
  }
  const job: FibonacciJob = { n: parseN(c.req.param("n")!, limits), algorithm };
  requireFeasible(job, limits);

  const etag = etagOf(job, format);
  const caching = { "cache-control": IMMUTABLE, etag, vary: "Accept, Accept-Encoding" };
  const ifNoneMatch = c.req.header("if-none-match");
  if (ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
    return new Response(null, {
      status: 304,
      headers: { ...caching, "x-content-type-options": "nosniff" },
    });
  }

  const headers = {
    ...caching,
    "content-type": `${MEDIA_TYPES[format]}; charset=utf-8`,
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
  };
  if (c.req.method === "HEAD") {
    const length = String(lengthOf(job, format));
    return new Response(null, { headers: { ...headers, "content-length": length } });
  }

  const range = wantedRange(c, job, format);
  const bounds = boundsOf(c, limits);
  const result = await compute(job, bounds.options);
  onAnswer(job, result);

  const whole = bytesOf(job, format, result.digits);
  const body = range ? whole.subarray(range.start, range.end) : whole;
  return new Response(body, {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      ...bounds.headers,
      "content-length": String(body.length),
      "server-timing": serverTiming(result),
      ...(range &&
        { "content-range": `bytes ${range.start}-${range.end - 1}/${whole.length}` }),
    },
  });
}

/** @throws {Problem} 416, if there is nothing in the range. */
function wantedRange(c: Context<AppEnv>, job: FibonacciJob, format: Format) {
  const header = c.req.header("range");
  if (header === undefined) return undefined;
  // Strong comparison: a weak tag or a date is never the same text.
  const ifRange = c.req.header("if-range");
  if (ifRange !== undefined && ifRange !== etagOf(job, format)) return undefined;
  const length = lengthOf(job, format);
  const range = parseRange(header, length);
  if (range !== "unsatisfiable") return range;
  throw new Problem(416, "range-not-satisfiable", `There are ${length} bytes`, {
    "content-range": `bytes */${length}`,
  });
}

function serverTiming({ cache, queueMs, computeMs }: FibonacciResult): string {
  return `cache;desc=${cache}, queue;dur=${roundMs(queueMs)}, compute;dur=${roundMs(computeMs)}`;
}

/** Without the digits nobody measured. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
