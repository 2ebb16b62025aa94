import type { Context } from "hono";
import { preconditionFailed } from "./problem.ts";
import { header } from "./read.ts";

/**
 * Whether an `If-None-Match` names an entity tag: by weak comparison, or with `*` (RFC 9110, 13).
 *
 * @param etag A strong tag without commas.
 */
export function namesEtag(ifNoneMatch: string, etag: string): boolean {
  // Not by @std/http: its regular expression takes a second for 60 kB of spaces.
  return ifNoneMatch === "*" ||
    ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/**
 * Whether an `If-Match` names an entity tag: by strong comparison, or with `*`.
 *
 * @param etag A strong tag without commas; `undefined` for an answer without one.
 */
export function matchesEtag(ifMatch: string, etag: string | undefined): boolean {
  return ifMatch.trim() === "*" || ifMatch.split(",").some((tag) => tag.trim() === etag);
}

/** @throws {Problem} 412, if a request has an `If-Match` that doesn't name the tag; 431, if that is too long. */
export function requireMatch(c: Context, etag: string | undefined): void {
  const ifMatch = header(c, "if-match");
  if (ifMatch !== undefined && !matchesEtag(ifMatch, etag)) throw preconditionFailed();
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
 * @returns The part, `"unsatisfiable"`, or `undefined` if the header is to be ignored: malformed, not in bytes, or more
 * than one range.
 */
export function parseRange(
  header: string,
  length: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? [];
  if (!first && !last) return undefined;
  if (!first) {
    const suffix = Number(last);
    return suffix === 0 ? "unsatisfiable" : { start: Math.max(0, length - suffix), end: length };
  }
  const start = Number(first);
  if (last && Number(last) < start) return undefined;
  if (start >= length) return "unsatisfiable";
  return { start, end: last ? Math.min(Number(last) + 1, length) : length };
}
