import type { Context } from "hono";
import { Problem } from "./problem.ts";
import { header } from "./read.ts";

/**
 * Whether an `If-None-Match` names an entity tag: by weak comparison, or with `*` (RFC 9110, 13).
 *
 * @param etag A strong tag.
 */
export function namesEtag(ifNoneMatch: string, etag: string): boolean {
  // Not by @std/http: its regular expression takes a second for 60 kB of spaces.
  return ifNoneMatch === "*" ||
    tagsOf(ifNoneMatch).some((tag) => tag.replace(/^W\//, "") === etag);
}

/** Finds the tags of a list. There may be commas in them. */
function tagsOf(list: string): string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

/**
 * Checks `If-Match`: by strong comparison, or with `*`.
 *
 * @param etag A strong tag; `undefined` for an answer without one.
 * @throws {Problem} 412, if it names another form of the answer; 431, if it is too long.
 */
export function requireMatch(c: Context, etag: string | undefined): void {
  const ifMatch = header(c, "if-match");
  const isMatch = ifMatch === undefined || ifMatch.trim() === "*" ||
    (etag !== undefined && tagsOf(ifMatch).includes(etag));
  if (!isMatch) throw new Problem(412, "precondition-failed", "If-Match names another entity tag");
}

/** A part of a body, in bytes. */
export interface ByteRange {
  /** The first byte, from 0. */
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
}

/**
 * Reads a `Range` header for a body of `length` bytes (RFC 9110, 14).
 *
 * @returns The part, `"unsatisfiable"`, or `undefined` if the header is to be ignored: malformed, not in bytes, more than
 * one range, or of a body that is empty.
 */
export function parseRange(
  header: string,
  length: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? [];
  // A part of no bytes could not be named.
  if ((!first && !last) || length === 0) return undefined;
  if (!first) {
    const suffix = Number(last);
    return suffix === 0 ? "unsatisfiable" : { start: Math.max(0, length - suffix), end: length };
  }
  const start = Number(first);
  if (last && Number(last) < start) return undefined;
  if (start >= length) return "unsatisfiable";
  return { start, end: last ? Math.min(Number(last) + 1, length) : length };
}
