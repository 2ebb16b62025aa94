import type { Context } from "hono";
import { digitCount, type Digits, type FibonacciJob, surround } from "../compute/mod.ts";
import { type AnswerOptions, answerWith } from "../hono/answer.ts";
import type { Core } from "../hono/core.ts";
import { negotiate } from "../hono/negotiation.ts";
import { Problem } from "../hono/problem.ts";
import { header, query } from "../hono/read.ts";
import type { AppEnv } from "./exchange.ts";
import { type Limits, parseAlgorithm, parseN, requireFeasible } from "./job.ts";

/** The route's pattern. It matches ASCII digits only: `\d` is the same here, and `-1`, `1e3` or `５` are other paths. */
export const FIBONACCI_PATH = "/:n{[0-9]+}";

/** The media types of an answer by format, the preferred one first. */
const MEDIA_TYPES = { text: "text/plain", json: "application/json" };

/**
 * The numbers of digits that are compressed for clients that take it. For fewer, it saves less than a packet. For more,
 * a worker would notice only after a quarter of a second that its call was cancelled.
 */
const COMPRESSED_DIGITS = { least: 1_000, most: 10_000_000 };

/**
 * Answers `GET /n`: finds the number and the form that are wanted. The rest is the kit's.
 *
 * @throws {Problem} If the request is wrong, or asks for too much.
 */
export function answerFibonacci(
  c: Context<AppEnv>,
  core: Core,
  limits: Limits,
): Response | Promise<Response> {
  const algorithm = parseAlgorithm(query(c, ["algorithm"]).algorithm, limits);
  const format = negotiate(header(c, "accept"), MEDIA_TYPES);
  if (format === undefined) {
    const types = Object.values(MEDIA_TYPES).join(" and ");
    throw new Problem(406, "not-acceptable", `Available types: ${types}`);
  }
  const n = parseN(c.req.param("n")!, limits);
  const job: FibonacciJob = { n, algorithm };
  requireFeasible(job, limits);
  const digits = digitCount(n);
  const isText = format === "text";
  const [before, after] = isText ? ["", ""] : aroundDigits(job, digits);
  // The digits alone are the same by any algorithm.
  const tag = isText ? `${n}.text` : `${n}.${algorithm}.json`;
  const form: AnswerOptions<Digits> = {
    tag: job,
    type: `${MEDIA_TYPES[format]}; charset=utf-8`,
    vary: "Accept, Accept-Encoding",
    length: before.length + digits + after.length,
    etag: (coding) => coding ? `"${tag}.${coding}"` : `"${tag}"`,
    render: (value) => isText ? value : enclosed(before, value, after),
    compress: digits >= COMPRESSED_DIGITS.least && digits <= COMPRESSED_DIGITS.most &&
      ((coding) => [n, algorithm, coding, before, after]),
  };
  return answerWith(core, c, "fibonacci", [n, algorithm], form);
}

/** Makes `{"n":33,"value":"3524578","digits":7,"algorithm":"fast-doubling"}` and `end`. Bytes stay bytes. */
export function jsonOf(job: FibonacciJob, digits: Digits, end: string): Digits {
  const [before, after] = aroundDigits(job, digits.length);
  return enclosed(before, digits, after + end);
}

/** Returns what JSON has before and after the digits, in ASCII. */
function aroundDigits({ n, algorithm }: FibonacciJob, digits: number): [string, string] {
  return [`{"n":${n},"value":"`, `","digits":${digits},"algorithm":"${algorithm}"}`];
}

function enclosed(before: string, digits: Digits, after: string): Digits {
  return typeof digits === "string" ? before + digits + after : surround(before, digits, after);
}
