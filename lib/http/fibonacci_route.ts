import type { Context } from "hono";
import { digitCount, type Digits, type FibonacciJob } from "../compute/mod.ts";
import { type AnswerOptions, answerWith } from "../hono/answer.ts";
import type { Core } from "../hono/core.ts";
import { negotiate } from "../hono/negotiation.ts";
import { Problem } from "../hono/problem.ts";
import { header, query } from "../hono/read.ts";
import type { AppEnv } from "./exchange.ts";
import { type Limits, parseAlgorithm, parseN, requireFeasible } from "./job.ts";
import {
  bodyOf,
  encodedArgs,
  etagOf,
  type Format,
  isWorthEncoding,
  lengthOf,
  MEDIA_TYPES,
  partOf,
} from "./representation.ts";

/** Its pattern. ASCII digits alone: `\d` is the same here, and `-1`, `1e3` or `５` are other paths. */
export const FIBONACCI_PATH = "/:n{[0-9]+}";

const TYPES: Readonly<Record<Format, string>> = {
  text: `${MEDIA_TYPES.text}; charset=utf-8`,
  json: `${MEDIA_TYPES.json}; charset=utf-8`,
};

/**
 * Answers `GET /n`: finds out which number is wanted, in which form. All else is the kit's.
 *
 * @throws {Problem} If it is none that there is.
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
    throw new Problem(406, "not-acceptable", `There are ${types}`);
  }
  const job: FibonacciJob = { n: parseN(c.req.param("n")!, limits), algorithm };
  requireFeasible(job, limits);
  const digits = digitCount(job.n);
  const form: AnswerOptions<Digits> = {
    tag: job,
    type: TYPES[format],
    vary: "Accept, Accept-Encoding",
    length: lengthOf(job, format, digits),
    etag: (coding) => etagOf(job, format, coding),
    render: (value) => bodyOf(job, format, value),
    part: (value, range) => partOf(job, format, value, range),
    compress: isWorthEncoding(digits) && ((coding) => encodedArgs(job, format, coding, digits)),
  };
  return answerWith(core, c, "fibonacci", [job.n, algorithm], form);
}
