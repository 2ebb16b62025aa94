import type { Context } from "hono";
import type { Core } from "./core.ts";
import { exchangeOf } from "./exchange.ts";
import { negotiate } from "./negotiation.ts";
import { Problem } from "./problem.ts";
import { header } from "./read.ts";
import { fresh, respondWithStream, UNBUFFERED } from "./respond.ts";

/** Options of `work.stream()`. */
export interface StreamOptions {
  /** Server-sent events or JSON lines. Default: what `Accept` asks for; lines, if that says nothing. */
  as?: "sse" | "ndjson";
}

/** How elements are written, and what follows the last one. */
interface Format {
  each(value: unknown): string | Uint8Array;
  readonly end?: string;
}

const TYPES = { ndjson: "application/x-ndjson", sse: "text/event-stream" };
const FORMATS: Record<keyof typeof TYPES, Format> = {
  ndjson: { each: (value) => `${jsonOf(value)}\n` },
  // Without an `end`, a browser would connect again, and have everything computed anew.
  sse: { each: (value) => `data: ${jsonOf(value)}\n\n`, end: "event: end\ndata: null\n\n" },
};
const CUT = "Answer cut short";
const encoder = new TextEncoder();

/** As JSON has it in arrays: `undefined` and functions are `null`. @throws {TypeError} If it can't be written. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

/** Streams a source in the form that the client takes: see {@linkcode streamOf}. */
export async function streamWith(
  core: Core,
  c: Context,
  source: AsyncIterable<unknown>,
  { as }: StreamOptions,
): Promise<Response> {
  const iterator = source[Symbol.asyncIterator]();
  let format: keyof typeof TYPES | undefined;
  try {
    format = as ?? negotiate(header(c, "accept"), TYPES);
    if (!format) {
      const types = Object.values(TYPES).join(" and ");
      throw new Problem(406, "not-acceptable", `Available types: ${types}`);
    }
  } catch (error) {
    end(core, c, iterator);
    throw core.problem(c, error);
  }
  return await streamOf(core, c, iterator, FORMATS[format], fresh(TYPES[format]));
}

/** Ends a source: it may hold a file or a worker. Never rejects: it is the app's own code, and may fail. */
async function end(core: Core, c: Context, iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch (error) {
    core.log.error(CUT, exchangeOf(c), error);
  }
}

/**
 * Streams what an iterator yields, no faster than it is read.
 *
 * The first element is awaited before the answer begins, so that an error of it has a status. A later error cuts the
 * answer, so that the client can tell a part from the whole.
 */
export async function streamOf(
  core: Core,
  c: Context,
  iterator: AsyncIterator<unknown>,
  { each, end: last = "" }: Format,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const all = { ...headers, ...UNBUFFERED };
  if (c.req.method === "HEAD") {
    end(core, c, iterator);
    return respondWithStream(null, all);
  }
  const exchange = exchangeOf(c);
  let next: IteratorResult<unknown> | undefined;
  try {
    next = await iterator.next();
  } catch (error) {
    throw core.problem(c, error);
  }
  exchange.isSent = true;
  let isLeft = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let isYielded = false;
      try {
        const { done, value } = next ?? await iterator.next();
        isYielded = !done;
        next = undefined;
        if (isLeft) return;
        const part = done ? last : each(value);
        if (part) controller.enqueue(typeof part === "string" ? encoder.encode(part) : part);
        if (done) controller.close();
      } catch (error) {
        // It is no failure if the client has left.
        if (!isLeft && !exchange.request.signal.aborted) core.log.error(CUT, exchange, error);
        // Writing has failed, so the source has not ended: it may hold a worker.
        if (isYielded) end(core, c, iterator);
        // Deno prints the reason to stderr, so it is short. The log has the error.
        controller.error("stream cut");
      }
    },
    cancel() {
      isLeft = true;
      end(core, c, iterator);
    },
  }, { highWaterMark: 0 });
  return respondWithStream(body, all);
}
