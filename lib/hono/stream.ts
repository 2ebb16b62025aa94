import type { Context } from "hono";
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import { negotiate } from "./negotiation.ts";
import { Problem } from "./problem.ts";
import { header } from "./read.ts";
import { respondWithStream, UNBUFFERED } from "./respond.ts";

/** Options of `work.stream()`. */
export interface StreamOptions {
  /** Server-sent events or JSON lines. Default: what `Accept` asks for; lines, if that says nothing. */
  as?: "sse" | "ndjson";
}

const TYPES = { ndjson: "application/x-ndjson", sse: "text/event-stream" };
const FORMATS: Record<keyof typeof TYPES, { each(value: unknown): string; end: string }> = {
  ndjson: { each: (value) => `${jsonOf(value)}\n`, end: "" },
  // A browser whose stream merely ends connects again, and has everything computed anew.
  sse: {
    each: (value) => `data: ${jsonOf(value)}\n\n`,
    end: "event: end\ndata: null\n\n",
  },
};
const encoder = new TextEncoder();

/** As JSON has it in arrays: `undefined` and functions are `null`. @throws {TypeError} If it can't be written. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

/**
 * Streams what a source yields. A failure after the first element cuts the answer short: never take what came for
 * everything.
 */
export async function streamOf(
  core: Core,
  c: Context,
  exchange: Exchange,
  source: AsyncIterable<unknown>,
  { as }: StreamOptions,
): Promise<Response> {
  const iterator = source[Symbol.asyncIterator]();
  let next: IteratorResult<unknown> | undefined;
  const format = as ?? negotiate(header(c, "accept"), TYPES);
  if (format === undefined) {
    const types = Object.values(TYPES).join(" and ");
    throw core.problem(exchange, new Problem(406, "not-acceptable", `There are ${types}`));
  }
  const { each, end } = FORMATS[format];
  const headers = {
    "content-type": TYPES[format],
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...UNBUFFERED,
  };
  if (c.req.method === "HEAD") return respondWithStream(null, headers);
  try {
    next = await iterator.next();
  } catch (error) {
    throw core.problem(exchange, error, undefined, c);
  }
  exchange.isSent = true;
  let isLeft = false;
  /** Never rejects. What a source does at its end is the app's own, and may fail. */
  const endSource = async () => {
    try {
      await iterator.return?.();
    } catch (error) {
      core.log.cut(exchange, error);
    }
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let isYielded = false;
      try {
        const { done, value } = next ?? await iterator.next();
        isYielded = !done;
        next = undefined;
        // The source has ended because of that: there is nothing left to write to.
        if (isLeft) return;
        const text = done ? end : each(value);
        if (text) controller.enqueue(encoder.encode(text));
        if (done) controller.close();
      } catch (error) {
        // Not worth a line in the log if the client has left, which is one way to get here.
        if (!isLeft && !exchange.request.signal.aborted) core.log.cut(exchange, error);
        // It has not ended by itself, and may hold a worker.
        if (isYielded) endSource();
        // Deno prints the reason to stderr: a word is enough there, the log has the rest.
        controller.error("stream cut");
      }
    },
    cancel() {
      isLeft = true;
      endSource();
    },
  }, { highWaterMark: 0 });
  return respondWithStream(body, headers);
}
