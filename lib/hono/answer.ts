import type { Context } from "hono";
import { defaultKey } from "../pool/cache_entry.ts";
import { matchesEtag, namesEtag, parseRange } from "./conditional.ts";
import type { Ask, Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import { COMPRESSED, negotiateCoding } from "./negotiation.ts";
import type { WorkOptions } from "./options.ts";
import { preconditionFailed, Problem, refusedResponse } from "./problem.ts";
import { header } from "./read.ts";
import { type HeaderGroup, IMMUTABLE, respond } from "./respond.ts";
import { serverTiming } from "./server_timing.ts";

/** Options of `work.answer()`. */
export interface AnswerOptions extends Omit<WorkOptions, "pure" | "fresh" | "transfer"> {
  /** The media type. Default: `text/plain; charset=utf-8`. */
  type?: string;
  /** Whether the worker, which has to serve `compressing(api)`, compresses for clients that take it. Default: false. */
  compress?: boolean;
  /** What tells this answer from another of the same version. Default: the method and its plain arguments. */
  tag?: string;
}

/** A longer tag is no tag: it would be a burden on each request. */
const MAX_TAG = 256;

const encoder = new TextEncoder();

/**
 * Answers with what a pure method comes to.
 *
 * The order matters: whatever is wrong with the request comes first, so that GET, HEAD and conditional requests agree on
 * it; then what can be answered without computing; then the computing.
 */
export function answerWith(
  core: Core,
  c: Context,
  exchange: Exchange,
  { method, args, options }: Ask & { readonly options: AnswerOptions },
): Response | Promise<Response> {
  const { type = "text/plain; charset=utf-8", compress = false, tag, ...own } = options;
  let ask: Ask = { method, args, options: { ...own, pure: true } };
  const fail = (error: unknown): never => {
    throw core.problem(c, exchange, error, ask);
  };
  try {
    // A range is one of the bytes as they are, so that parts of different codings can't be mixed.
    const range = header(c, "range");
    const coding = compress && range === undefined
      ? negotiateCoding(header(c, "accept-encoding"))
      : undefined;
    const etag = etagOf(core.version, tag ?? tagOf(method, args), coding);
    const headers: HeaderGroup = {
      "cache-control": etag ? IMMUTABLE : "no-cache",
      "x-content-type-options": "nosniff",
      ...(compress ? { vary: "Accept-Encoding" } : undefined),
      ...(etag ? { etag } : undefined),
    };
    const ifMatch = header(c, "if-match");
    if (ifMatch !== undefined && !matchesEtag(ifMatch, etag)) throw preconditionFailed();
    const ifNoneMatch = header(c, "if-none-match");
    if (etag && ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
      return respond(null, 304, headers);
    }
    const form: HeaderGroup = {
      "content-type": type,
      ...(coding ? { "content-encoding": coding } : { "accept-ranges": "bytes" }),
    };
    if (c.req.method === "HEAD") return respond(null, 200, form, headers);

    const send = (value: unknown): Response => {
      const body = bodyOf(value);
      const timing = { "server-timing": serverTiming(exchange.timings!) };
      const groups = [form, headers, timing, exchange.applied];
      const ifRange = header(c, "if-range");
      // Strong comparison: a weak tag or a date is never the same bytes.
      if (range === undefined || (ifRange !== undefined && ifRange !== etag)) {
        return respond(body, 200, ...groups);
      }
      return partOf(typeof body === "string" ? encoder.encode(body) : body, range, groups);
    };
    const fresh = wantsFresh(header(c, "cache-control"));
    ask = coding
      ? { method: COMPRESSED, args: [coding, method, ...args], options: { ...ask.options, fresh } }
      : { ...ask, options: { ...ask.options, fresh } };
    const found = core.find(exchange, ask);
    if (found) return send(found.value);
    const bounds = core.admit(c, exchange, ask);
    const refused = core.refusal(ask, bounds);
    if (refused) {
      core.log.refused(performance.now());
      return refusedResponse(exchange.requestId, refused);
    }
    return core.run(exchange, ask, bounds).then(send).catch(fail);
  } catch (error) {
    return fail(error);
  }
}

function partOf(
  body: Uint8Array<ArrayBuffer>,
  range: string,
  groups: readonly HeaderGroup[],
): Response {
  const { length } = body;
  const wanted = parseRange(range, length);
  if (wanted === undefined) return respond(body, 200, ...groups);
  if (wanted === "unsatisfiable") {
    throw new Problem(416, "range-not-satisfiable", `There are ${length} bytes`, {
      "content-range": `bytes */${length}`,
    });
  }
  const { start, end } = wanted;
  const contentRange = { "content-range": `bytes ${start}-${end - 1}/${length}` };
  return respond(body.subarray(start, end), 206, ...groups, contentRange);
}

/** @throws {TypeError} If it is no body. */
function bodyOf(value: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw new TypeError(
    `answer() takes text, numbers and bytes: ${Object.prototype.toString.call(value)}`,
  );
}

function etagOf(version: string | undefined, tag: string | undefined, coding: string | undefined) {
  if (version === undefined || tag === undefined) return undefined;
  return `"${version}.${tag}${coding ? `.${coding}` : ""}"`;
}

/** What tells a call from others, without what a tag can't hold; `undefined` if that is too long or not plain. */
function tagOf(method: string, args: readonly unknown[]): string | undefined {
  try {
    const tag = encodeURIComponent(defaultKey(method, args));
    return tag.length > MAX_TAG ? undefined : tag;
  } catch {
    return undefined;
  }
}

/** Whether a `Cache-Control` asks for an answer that no cache had (RFC 9111, 5.2.1.4): ours is one. */
export function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && /(^|[\s,])no-cache($|[\s,])/i.test(cacheControl);
}
