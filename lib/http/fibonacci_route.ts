import type { Context } from "hono";
import type { Compute, FibonacciJob, FibonacciResult } from "../compute/mod.ts";
import { matchesEtag, namesEtag, parseRange } from "../hono/conditional.ts";
import { negotiate, negotiateCoding } from "../hono/negotiation.ts";
import { preconditionFailed, Problem, refusedResponse, tooLate } from "../hono/problem.ts";
import { header, query } from "../hono/read.ts";
import { type HeaderGroup, IMMUTABLE, respond } from "../hono/respond.ts";
import type { AppEnv } from "./exchange.ts";
import { boundsOf, type Limits, parseAlgorithm, parseN, requireFeasible } from "./job.ts";
import {
  bodyOf,
  encodedJob,
  etagOf,
  type Format,
  isWorthEncoding,
  lengthOf,
  MEDIA_TYPES,
  partOf,
} from "./representation.ts";

/** Its pattern. ASCII digits alone: `\d` is the same here, and `-1`, `1e3` or `５` are other paths. */
export const FIBONACCI_PATH = "/:n{[0-9]+}";

/** What this route and the sequence's work with. */
export interface AnswerOptions {
  readonly compute: Compute;
  readonly limits: Limits;
  /** Told of each answer. */
  readonly onAnswer: (job: FibonacciJob, result: FibonacciResult) => void;
  /** Told of each call that there is no room for. */
  readonly onRefused: () => void;
}

/**
 * Answers `GET /n`.
 *
 * The order matters: whatever is wrong with the request comes first, so that GET, HEAD and conditional
 * requests agree on it; then what can be answered without computing; then the computing.
 */
export function answerFibonacci(
  c: Context<AppEnv>,
  { compute, limits, onAnswer, onRefused }: AnswerOptions,
): Response | Promise<Response> {
  const algorithm = parseAlgorithm(query(c, ["algorithm"]).algorithm, limits);
  const format = negotiate(header(c, "accept"), MEDIA_TYPES);
  if (format === undefined) {
    const types = Object.values(MEDIA_TYPES).join(" and ");
    throw new Problem(406, "not-acceptable", `There are ${types}`);
  }
  const job: FibonacciJob = { n: parseN(c.req.param("n")!, limits), algorithm };
  const estimateMs = requireFeasible(job, limits);

  // A range is one of the bytes as they are, so that parts of different codings can't be mixed.
  const coding = c.req.header("range") === undefined && isWorthEncoding(job)
    ? negotiateCoding(header(c, "accept-encoding"))
    : undefined;
  const etag = etagOf(job, format, coding);
  const ifMatch = header(c, "if-match");
  if (ifMatch !== undefined && !matchesEtag(ifMatch, etag)) throw preconditionFailed();
  const ifNoneMatch = header(c, "if-none-match");
  if (ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
    return respond(null, 304, CACHING, { etag });
  }
  if (c.req.method === "HEAD") {
    // How long it is when it is compressed nobody knows before it is.
    const own: HeaderGroup = coding
      ? { etag, "content-encoding": coding }
      : { ...RANGES, etag, "content-length": String(lengthOf(job, format)) };
    return respond(null, 200, TYPES[format], CACHING, own);
  }

  const range = wantedRange(c, job, format);
  const bounds = boundsOf(c, limits, estimateMs);
  const answer = (result: FibonacciResult) => {
    onAnswer(job, result);
    const { digits, coding } = result;
    const own = { etag: etagOf(job, format, coding), "server-timing": serverTiming(result) };
    const encoded = coding ? { "content-encoding": coding } : RANGES;
    if (!range) {
      const whole = coding ? digits : bodyOf(job, format, digits);
      return respond(whole, 200, TYPES[format], CACHING, own, bounds.headers, encoded);
    }
    const { start, end } = range;
    const contentRange = {
      "content-range": `bytes ${start}-${end - 1}/${lengthOf(job, format)}`,
    };
    const part = partOf(job, format, digits, range);
    return respond(part, 206, TYPES[format], CACHING, own, bounds.headers, RANGES, contentRange);
  };
  const asked = coding ? encodedJob(job, format, coding) : job;
  const fresh = wantsFresh(header(c, "cache-control"));
  const found = fresh ? undefined : compute.find?.(asked);
  if (found) return answer(found);
  // What is remembered may be had at once; to compute for no time at all makes no sense.
  if (bounds.options.deadlineMs === 0) throw tooLate(0);
  const options = fresh ? { ...bounds.options, fresh } : bounds.options;
  const refused = compute.refusal?.(asked, options);
  if (refused) {
    onRefused();
    return refusedResponse(c.env.requestId, refused);
  }
  return compute(asked, options).then(answer);
}

const CACHING = {
  "cache-control": IMMUTABLE,
  vary: "Accept, Accept-Encoding",
  "x-content-type-options": "nosniff",
};

/** Of what is compressed there are no ranges. */
const RANGES = { "accept-ranges": "bytes" };

/** What an answer's headers say of its format. */
const TYPES: Readonly<Record<Format, HeaderGroup>> = {
  text: { "content-type": `${MEDIA_TYPES.text}; charset=utf-8` },
  json: { "content-type": `${MEDIA_TYPES.json}; charset=utf-8` },
};

/** @throws {Problem} 416, if there is nothing in the range. */
function wantedRange(c: Context<AppEnv>, job: FibonacciJob, format: Format) {
  const wanted = header(c, "range");
  if (wanted === undefined) return undefined;
  // Strong comparison: a weak tag or a date is never the same text.
  const ifRange = header(c, "if-range");
  if (ifRange !== undefined && ifRange !== etagOf(job, format)) return undefined;
  const length = lengthOf(job, format);
  const range = parseRange(wanted, length);
  if (range !== "unsatisfiable") return range;
  throw new Problem(416, "range-not-satisfiable", `There are ${length} bytes`, {
    "content-range": `bytes */${length}`,
  });
}

function serverTiming({ cache, queueMs, computeMs, transferMs, worker }: FibonacciResult): string {
  const there = `cache;desc=${cache}, queue;dur=${roundMs(queueMs)}, compute;dur=${
    roundMs(computeMs)
  }`;
  if (worker === undefined) return there;
  return `${there}, transfer;dur=${roundMs(transferMs!)}, worker;desc=${worker}`;
}

/** Whether a `Cache-Control` asks for an answer that no cache had (RFC 9111, 5.2.1.4): ours is one. */
function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && /(^|[\s,])no-cache($|[\s,])/i.test(cacheControl);
}

/** Without the digits nobody measured. */
function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
