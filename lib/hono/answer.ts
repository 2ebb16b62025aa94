import type { Context } from "hono";
import { defaultKey } from "@off-the-loop/pool/parts";
import { waitOf } from "./bounds.ts";
import { type ByteRange, matchesEtag, namesEtag, parseRange } from "./conditional.ts";
import type { Ask, Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import { type Coding, COMPRESSED, negotiateCoding } from "./negotiation.ts";
import type { WorkOptions } from "./options.ts";
import { preconditionFailed, Problem, refusedResponse } from "./problem.ts";
import { header } from "./read.ts";
import { type HeaderGroup, IMMUTABLE, respond } from "./respond.ts";
import { serverTiming } from "./server_timing.ts";

/** A body, or a part of one. */
export type Body = string | Uint8Array<ArrayBuffer>;

/** Options of `work.answer()`. */
export interface AnswerOptions<Value = unknown>
  extends Omit<WorkOptions, "pure" | "fresh" | "transfer"> {
  /** The media type. Default: `text/plain; charset=utf-8`. */
  type?: string;
  /**
   * Whether the worker compresses for clients that take it: it has to serve `compressing(api)`. Or the arguments that
   * have the method compress what it comes to by itself. Default: false.
   */
  compress?: boolean | ((coding: Coding) => readonly unknown[]);
  /** The strong entity tag. Default: of the app's version, the method and its plain arguments. */
  etag?: (coding: Coding | undefined) => string;
  /** The headers of a request that choose the form. Default: `Accept-Encoding`, if it may be compressed. */
  vary?: string;
  /** Bytes of the body as it is, if they are known before it is made. Default: they are not. */
  length?: number;
  /** Makes the body. It is not called for what is compressed. Default: text and bytes as they are, numbers as text. */
  render?: (value: Value) => Body;
  /** Makes a part of the body, in bytes, without the rest of it. Default: cut out of the body. */
  part?: (value: Value, range: ByteRange) => Body;
}

/** A longer tag is no tag: it would be a burden on each request. */
const MAX_TAG = 256;
const TEXT = "text/plain; charset=utf-8";
const KEPT = { "cache-control": IMMUTABLE, "x-content-type-options": "nosniff" };
/** What has no tag. */
const CHECKED = { "cache-control": "no-cache", "x-content-type-options": "nosniff" };
/** Of what is compressed there are no ranges. */
const RANGES = { "accept-ranges": "bytes" };

const encoder = new TextEncoder();

/**
 * Answers with what a pure method comes to.
 *
 * The order matters: whatever is wrong with the request comes first, so that GET, HEAD and conditional requests agree on
 * it; then what can be answered without computing; then the computing.
 */
export function answerWith<Value>(
  core: Core,
  c: Context,
  exchange: Exchange,
  method: string,
  args: readonly unknown[],
  options: AnswerOptions<Value>,
): Response | Promise<Response> {
  try {
    const { compress = false, length } = options;
    // A range is one of the bytes as they are, so that parts of different codings can't be mixed.
    const wanted = header(c, "range");
    const coding = compress && wanted === undefined
      ? negotiateCoding(header(c, "accept-encoding"))
      : undefined;
    const etag = etagOf(core, method, args, options, coding);
    const caching = etag === undefined ? CHECKED : KEPT;
    const form = formOf(options, etag);
    const ifMatch = header(c, "if-match");
    if (ifMatch !== undefined && !matchesEtag(ifMatch, etag)) throw preconditionFailed();
    const ifNoneMatch = header(c, "if-none-match");
    if (etag && ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
      return respond(null, 304, caching, form);
    }
    const type = { "content-type": options.type ?? TEXT };
    const encoded = coding ? { "content-encoding": coding } : RANGES;
    if (c.req.method === "HEAD") {
      // How long it is when it is compressed nobody knows before it is.
      const known = coding === undefined && length !== undefined;
      const own = known ? { "content-length": String(length) } : undefined;
      return respond(null, 200, type, caching, form, encoded, own);
    }
    const range = wanted === undefined ? undefined : rangeOf(c, wanted, etag);
    // What isn't there need not be computed.
    if (range !== undefined && length !== undefined) partOf(range, length);

    const send = (value: Value): Response => {
      const timing = { "server-timing": serverTiming(exchange.timings!) };
      const groups = [type, caching, form, timing, exchange.applied, encoded];
      if (coding) return respond(bodyOf(value), 200, ...groups);
      const { render = bodyOf } = options;
      if (range === undefined) return respond(render(value), 200, ...groups);
      return sendPart(value, range, options, groups) ?? respond(render(value), 200, ...groups);
    };
    const fresh = wantsFresh(header(c, "cache-control"));
    const ask = askOf(method, args, options, coding, fresh);
    const found = core.find(exchange, ask);
    if (found) {
      exchange.applied = waitOf(c, core.boundMs()).headers;
      return send(found.value as Value);
    }
    const bounds = core.admit(c, exchange, ask);
    const refused = core.refusal(ask, bounds);
    if (refused) {
      core.log.refused(core.now());
      return refusedResponse(exchange.requestId, refused);
    }
    return core.run(exchange, ask, bounds).then((value) => send(value as Value)).catch(
      (error) => {
        throw core.problem(exchange, error, ask, c);
      },
    );
  } catch (error) {
    throw core.problem(exchange, error, { method, args, options }, c);
  }
}

/** @returns Nothing, if the range is to be ignored. */
function sendPart<Value>(
  value: Value,
  range: string,
  { length, render = bodyOf, part }: AnswerOptions<Value>,
  groups: readonly HeaderGroup[],
): Response | undefined {
  let cut = part;
  if (!cut || length === undefined) {
    const body = render(value);
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    length = bytes.length;
    cut = (_value, { start, end }) => bytes.subarray(start, end);
  }
  const wanted = partOf(range, length);
  if (!wanted) return undefined;
  const { start, end } = wanted;
  const contentRange = { "content-range": `bytes ${start}-${end - 1}/${length}` };
  return respond(cut(value, wanted), 206, ...groups, contentRange);
}

function askOf<Value>(
  method: string,
  args: readonly unknown[],
  options: AnswerOptions<Value>,
  coding: Coding | undefined,
  fresh: boolean,
): Ask {
  const { compress } = options;
  if (coding === undefined) return { method, args, options, pure: true, fresh };
  return typeof compress === "function"
    ? { method, args: compress(coding), options, pure: true, fresh }
    : { method: COMPRESSED, args: [coding, method, ...args], options, pure: true, fresh };
}

/** What tells this form from others. */
function formOf<Value>(
  { compress, vary = compress ? "Accept-Encoding" : undefined }: AnswerOptions<Value>,
  etag: string | undefined,
): HeaderGroup {
  if (vary === undefined) return etag === undefined ? undefined : { etag };
  return etag === undefined ? { vary } : { vary, etag };
}

/** @returns What is wanted; `undefined` for all of it, since the client has another form of it. */
function rangeOf(c: Context, range: string, etag: string | undefined): string | undefined {
  const ifRange = header(c, "if-range");
  // Strong comparison: a weak tag or a date is never the same bytes.
  return ifRange !== undefined && ifRange !== etag ? undefined : range;
}

/** @throws {Problem} 416, if there is nothing in the range. */
function partOf(range: string, length: number): ByteRange | undefined {
  const part = parseRange(range, length);
  if (part !== "unsatisfiable") return part;
  const headers = { "content-range": `bytes */${length}` };
  throw new Problem(416, "range-not-satisfiable", `There are ${length} bytes`, headers);
}

/** @throws {TypeError} If it is no body. */
function bodyOf(value: unknown): Body {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const type = Object.prototype.toString.call(value);
  throw new TypeError(`answer() takes text, numbers and bytes unless it is told to render ${type}`);
}

function etagOf<Value>(
  { version }: Core,
  method: string,
  args: readonly unknown[],
  { etag }: AnswerOptions<Value>,
  coding: Coding | undefined,
): string | undefined {
  if (etag) return etag(coding);
  const tag = version === undefined ? undefined : tagOf(method, args);
  return tag && `"${version}.${tag}${coding ? `.${coding}` : ""}"`;
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
function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && /(^|[\s,])no-cache($|[\s,])/i.test(cacheControl);
}
