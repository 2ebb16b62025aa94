import type { Context } from "hono";
import { defaultKey } from "@off-the-loop/pool/parts";
import { type ByteRange, namesEtag, parseRange, requireMatch } from "./conditional.ts";
import type { Ask, Core } from "./core.ts";
import { exchangeOf } from "./exchange.ts";
import { type Coding, COMPRESSED, negotiateCoding } from "./negotiation.ts";
import type { WorkOptions } from "./options.ts";
import { Problem, refusedResponse } from "./problem.ts";
import { header } from "./read.ts";
import { type Body, bodyOf, type HeaderGroup, IMMUTABLE, respond } from "./respond.ts";
import { serverTiming } from "./server_timing.ts";

export type { Body } from "./respond.ts";

/** Options of `work.answer()`. */
export interface AnswerOptions<Value = unknown>
  extends Omit<WorkOptions, "pure" | "fresh" | "transfer"> {
  /** The media type. Default: `text/plain; charset=utf-8`. */
  type?: string;
  /**
   * Whether the worker compresses for clients that take it. With `true` it has to serve `compressing(api)`, and there can
   * be no `render`. A function returns the arguments with which the method compresses its result itself. Default: false.
   */
  compress?: boolean | ((coding: Coding) => readonly unknown[]);
  /** Makes the strong entity tag, with its quotes. Default: of the app's version, the method and its plain arguments. */
  etag?: (coding: Coding | undefined) => string;
  /** The request headers that choose the form. Default: `Accept-Encoding`, if the body may be compressed. */
  vary?: string;
  /** The bytes of the uncompressed body, if they are known before it is made. Default: unknown. */
  length?: number;
  /** Makes the body. Not called for what the worker compressed. Default: text and bytes as they are, numbers as text. */
  render?: (value: Value) => Body;
}

const NO_RENDERING =
  "answer() can't render what compressing() has compressed: make the whole body in the method";

/** Longer tags are left out: they would be a burden on each request. */
const MAX_TAG = 256;
const TEXT = "text/plain; charset=utf-8";
const KEPT = { "cache-control": IMMUTABLE, "x-content-type-options": "nosniff" };
/** For answers without a tag. */
const CHECKED = { "cache-control": "no-cache", "x-content-type-options": "nosniff" };
/** For uncompressed answers: there are no ranges of compressed ones. */
const RANGES = { "accept-ranges": "bytes" };

const encoder = new TextEncoder();

/**
 * Answers with the result of a pure method.
 *
 * The order matters. First comes what is wrong with the request, so that GET, HEAD and conditional requests agree on it;
 * then what can be answered without computing; then the call.
 */
export function answerWith<Value>(
  core: Core,
  c: Context,
  method: string,
  args: readonly unknown[],
  options: AnswerOptions<Value>,
): Response | Promise<Response> {
  try {
    const { compress = false, length, render = bodyOf } = options;
    // The worker would compress what is not rendered: the client's Accept-Encoding would choose what it gets.
    if (compress === true && options.render) throw new TypeError(NO_RENDERING);
    // Ranges are of the uncompressed bytes, so that no client mixes parts of different codings.
    const wanted = header(c, "range");
    const coding = compress && wanted === undefined
      ? negotiateCoding(header(c, "accept-encoding"))
      : undefined;
    const etag = etagOf(core, method, args, options, coding);
    const caching = etag === undefined ? CHECKED : KEPT;
    const { vary = compress ? "Accept-Encoding" : undefined } = options;
    const form: HeaderGroup[] = [vary ? { vary } : undefined, etag ? { etag } : undefined];
    requireMatch(c, etag);
    const ifNoneMatch = header(c, "if-none-match");
    if (etag && ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
      return respond(null, 304, caching, ...form);
    }
    const type = { "content-type": options.type ?? TEXT };
    const encoded = coding ? { "content-encoding": coding } : RANGES;
    if (c.req.method === "HEAD") {
      // The length of a compressed body is known only when it is there.
      const isLengthKnown = coding === undefined && length !== undefined;
      const own = isLengthKnown ? { "content-length": String(length) } : undefined;
      return respond(null, 200, type, caching, ...form, encoded, own);
    }
    // By strong comparison: a weak tag or a date never matches. Without a match, the client has a part of another form.
    const ifRange = wanted && header(c, "if-range");
    const range = ifRange === undefined || ifRange === etag ? wanted : undefined;
    // Throws before anything is computed.
    if (range !== undefined && length !== undefined) partOf(range, length);

    const exchange = exchangeOf(c);
    const send = (value: Value): Response => {
      const timing = { "server-timing": serverTiming(exchange.timing!) };
      const groups = [type, caching, ...form, timing, exchange.applied, encoded];
      if (coding) return respond(bodyOf(value), 200, ...groups);
      const body = render(value);
      const part = range === undefined ? undefined : sendPart(body, range, groups);
      return part ?? respond(body, 200, ...groups);
    };
    const [asked, all] = coding === undefined
      ? [method, args]
      : typeof compress === "function"
      ? [method, compress(coding)]
      : [COMPRESSED, [coding, method, ...args]];
    const fresh = wantsFresh(header(c, "cache-control"));
    const ask: Ask = { method: asked, args: all, options, pure: true, fresh };
    const found = core.find(c, ask);
    if (found) {
      exchange.applied = core.waitOf(c).headers;
      return send(found.value as Value);
    }
    const bounds = core.admit(c, ask);
    const refused = core.refusal(ask, bounds);
    if (refused) {
      core.log.refused();
      return refusedResponse(exchange.requestId, refused);
    }
    return core.run(c, ask, bounds).then((value) => send(value as Value)).catch((error) => {
      throw core.problem(c, error, ask);
    });
  } catch (error) {
    throw core.problem(c, error, { method, options });
  }
}

/** Returns nothing if the range is to be ignored. */
function sendPart(
  body: Body,
  range: string,
  groups: readonly HeaderGroup[],
): Response | undefined {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const part = partOf(range, bytes.length);
  if (!part) return undefined;
  const { start, end } = part;
  const contentRange = { "content-range": `bytes ${start}-${end - 1}/${bytes.length}` };
  return respond(bytes.subarray(start, end), 206, ...groups, contentRange);
}

/** @throws {Problem} 416, if the range is beyond the body. */
function partOf(range: string, length: number): ByteRange | undefined {
  const part = parseRange(range, length);
  if (part !== "unsatisfiable") return part;
  const headers = { "content-range": `bytes */${length}` };
  throw new Problem(416, "range-not-satisfiable", `The body has ${length} bytes`, headers);
}

function etagOf<Value>(
  { options: { version } }: Core,
  method: string,
  args: readonly unknown[],
  { etag }: AnswerOptions<Value>,
  coding: Coding | undefined,
): string | undefined {
  if (etag) return etag(coding);
  const tag = version === undefined ? undefined : tagOf(method, args);
  return tag && `"${version}.${tag}${coding ? `.${coding}` : ""}"`;
}

/** Makes a tag of a call. Returns `undefined` if that would be too long, or the arguments are not plain. */
function tagOf(method: string, args: readonly unknown[]): string | undefined {
  try {
    const tag = encodeURIComponent(defaultKey(method, args));
    return tag.length > MAX_TAG ? undefined : tag;
  } catch {
    return undefined;
  }
}

/** Whether `Cache-Control` asks for an answer from no cache (RFC 9111, 5.2.1.4). The one here counts. */
function wantsFresh(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && /(^|[\s,])no-cache($|[\s,])/i.test(cacheControl);
}
