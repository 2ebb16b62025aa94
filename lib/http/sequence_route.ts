import type { Context } from "hono";
import type { Digits, FibonacciJob } from "../compute/mod.ts";
import { waitOf } from "../hono/bounds.ts";
import type { Core } from "../hono/core.ts";
import { mapWith } from "../hono/map.ts";
import { Problem, tooLate } from "../hono/problem.ts";
import { query } from "../hono/read.ts";
import { IMMUTABLE, respondWithStream, UNBUFFERED } from "../hono/respond.ts";
import type { AppEnv } from "./exchange.ts";
import { type Limits, parseAlgorithm, parseN, requireFeasible } from "./job.ts";
import { jsonOf } from "./representation.ts";

const DEFAULT_COUNT = 10;
/** The largest `count`: enough to draw, and few enough that one request can't keep a service for long. */
export const MAX_COUNT = 1000;

/**
 * Answers `GET /sequence?from=&count=`: one JSON object a line, computed in parallel, in order, no faster
 * than it is read.
 *
 * The first number is awaited before the answer begins, so that overload is still a 503. A failure after
 * that cuts the body short, without its end: never take what came for everything.
 *
 * @param concurrency How many calls it may have under way at once.
 */
export async function answerSequence(
  c: Context<AppEnv>,
  core: Core,
  limits: Limits,
  concurrency: () => number,
): Promise<Response> {
  const { deadlineMs, headers: applied } = waitOf(c, limits.deadlineMs);
  // For no time at all nothing is feasible, and nothing is computed.
  const jobs = parseJobs(c, deadlineMs === 0 ? limits : { ...limits, deadlineMs });
  const headers = {
    "content-type": "application/x-ndjson",
    "cache-control": IMMUTABLE,
    "x-content-type-options": "nosniff",
    ...UNBUFFERED,
    ...applied,
  };
  if (c.req.method === "HEAD") return new Response(null, { headers });
  if (deadlineMs === 0) throw tooLate(0);

  const left = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, left.signal]);
  const args = jobs.map(({ n, algorithm }) => [n, algorithm]);
  const options = { signal, pure: true, concurrency: concurrency() };
  const results = mapWith(core, c, c.env, "fibonacci", args, options);
  let next: IteratorResult<unknown> | undefined = await results.next();
  c.env.isSent = true;
  let index = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = next ?? await results.next();
        next = undefined;
        if (done) return controller.close();
        const line = jsonOf(jobs[index++], value as Digits, "\n");
        controller.enqueue(typeof line === "string" ? encoder.encode(line) : line);
      } catch (error) {
        // Not worth a line in the log if the client has left, which is one way to get here.
        if (!signal.aborted) core.log.cut(c.env, error);
        // Deno prints the reason to stderr: a word is enough there, the log has the rest.
        controller.error("sequence cut");
      }
    },
    // return() alone would wait for the number under way, and for what it waits for.
    cancel: () => {
      left.abort();
      return void results.return?.();
    },
  }, { highWaterMark: 0 });
  return respondWithStream(body, headers);
}

const encoder = new TextEncoder();

/** @throws {Problem} 400 or 422, if what is asked for is no sequence or too much. */
function parseJobs(c: Context<AppEnv>, limits: Limits): FibonacciJob[] {
  const { from = "0", count = String(DEFAULT_COUNT), ...asked } = query(c, [
    "from",
    "count",
    "algorithm",
  ]);
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
  // Costs ascend in n: if the last is feasible, all are.
  requireFeasible({ n: last, algorithm }, limits);
  return Array.from({ length: Number(count) }, (_, i) => ({ n: first + i, algorithm }));
}
