import type { Context } from "hono";
import type { Digits, FibonacciJob } from "../compute/mod.ts";
import type { Core } from "../hono/core.ts";
import { mapWith } from "../hono/map.ts";
import { Problem, tooLate } from "../hono/problem.ts";
import { query } from "../hono/read.ts";
import { IMMUTABLE } from "../hono/respond.ts";
import { streamOf } from "../hono/stream.ts";
import type { AppEnv } from "./exchange.ts";
import { jsonOf } from "./fibonacci_route.ts";
import { type Limits, parseAlgorithm, parseN, requireFeasible } from "./job.ts";

/** The largest `count`: enough to draw, and one request can't keep the service busy for long. */
export const MAX_COUNT = 1000;

/**
 * Answers `GET /sequence?from=&count=` with JSON lines: computed in parallel, sent in order, no faster than they are
 * read.
 */
export async function answerSequence(
  c: Context<AppEnv>,
  core: Core,
  limits: Limits,
): Promise<Response> {
  const { deadlineMs, headers: applied } = core.waitOf(c);
  // With `wait=0` nothing is feasible, and nothing is computed.
  const jobs = parseJobs(c, deadlineMs === 0 ? limits : { ...limits, deadlineMs });
  if (deadlineMs === 0 && c.req.method !== "HEAD") throw tooLate(0);
  const headers = {
    "content-type": "application/x-ndjson",
    "cache-control": IMMUTABLE,
    "x-content-type-options": "nosniff",
    ...applied,
  };
  const args = jobs.map(({ n, algorithm }) => [n, algorithm]);
  const options = { pure: true, concurrency: core.backend.stats().size ?? 1 };
  const results = mapWith(core, c, "fibonacci", args, options);
  let index = 0;
  const each = (digits: unknown) => jsonOf(jobs[index++], digits as Digits, "\n");
  return await streamOf(core, c, results, { each }, headers);
}

/** @throws {Problem} 400 or 422, if the query asks for no sequence, or for too much. */
function parseJobs(c: Context<AppEnv>, limits: Limits): FibonacciJob[] {
  const { from = "0", count = "10", ...asked } = query(c, ["from", "count", "algorithm"]);
  const algorithm = parseAlgorithm(asked.algorithm, limits);
  if (!/^[0-9]+$/.test(from)) {
    throw new Problem(400, "bad-from", "from must be an integer, 0 or greater");
  }
  if (!/^[0-9]{1,4}$/.test(count) || Number(count) < 1 || Number(count) > MAX_COUNT) {
    throw new Problem(400, "bad-count", `count must be an integer from 1 to ${MAX_COUNT}`);
  }
  const first = parseN(from, limits);
  const last = first + Number(count) - 1;
  if (last > limits.maxN) {
    throw new Problem(422, "n-too-large", `from + count - 1 must be at most ${limits.maxN}`);
  }
  // Costs ascend in n: if the last one is feasible, all are.
  requireFeasible({ n: last, algorithm }, limits);
  return Array.from({ length: Number(count) }, (_, i) => ({ n: first + i, algorithm }));
}
