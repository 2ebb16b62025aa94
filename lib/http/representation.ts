/**
 * An answer as a body. Digits that came as bytes, up to millions, are copied at most once and never become a
 * string.
 *
 * @module
 */

import {
  type Coding,
  type Digits,
  type FibonacciApi,
  type FibonacciJob,
  surround,
} from "../compute/mod.ts";
import type { ByteRange } from "../hono/conditional.ts";

/** The media types of an answer, the preferred one first. */
export const MEDIA_TYPES = { text: "text/plain", json: "application/json" } as const;

/** A form an answer can take. */
export type Format = keyof typeof MEDIA_TYPES;

/** @returns The strong entity tag of an answer. The digits alone are the same by any algorithm. */
export function etagOf({ n, algorithm }: FibonacciJob, format: Format, coding?: Coding): string {
  const form = coding ? `${format}.${coding}` : format;
  return format === "text" ? `"${n}.${form}"` : `"${n}.${algorithm}.${form}"`;
}

/**
 * How many digits an answer has that is compressed when the client asks for that. What little could be saved of
 * a shorter one is less than a packet; a longer one would keep its worker from noticing for a quarter of a
 * second that it was cancelled.
 */
const ENCODED_DIGITS = { least: 1_000, most: 10_000_000 };

/** @returns Whether compressing an answer of so many digits is worth it. */
export function isWorthEncoding(digits: number): boolean {
  return digits >= ENCODED_DIGITS.least && digits <= ENCODED_DIGITS.most;
}

/** @returns The arguments that have a worker compute an answer's compressed form. */
export function encodedArgs(
  job: FibonacciJob,
  format: Format,
  coding: Coding,
  digits: number,
): Parameters<FibonacciApi["fibonacci"]> {
  const [before, after] = format === "text" ? ["", ""] : aroundDigits(job, digits);
  return [job.n, job.algorithm, coding, before, after];
}

/** @returns How many bytes an answer of so many digits has. */
export function lengthOf(job: FibonacciJob, format: Format, digits: number): number {
  if (format === "text") return digits;
  const [before, after] = aroundDigits(job, digits);
  return before.length + digits + after.length;
}

/** @returns An answer's body. Never write to it: as text, it is `digits` itself. */
export function bodyOf(job: FibonacciJob, format: Format, digits: Digits): Digits {
  return format === "text" ? digits : jsonOf(job, digits);
}

/** @returns Part of an answer's body, without making the rest of it. */
export function partOf(
  job: FibonacciJob,
  format: Format,
  digits: Digits,
  { start, end }: ByteRange,
): Digits {
  if (format === "text") return cut(digits, start, end);
  const [before, after] = aroundDigits(job, digits.length);
  const from = start - before.length;
  const to = end - before.length;
  const head = before.slice(start, end);
  const tail = after.slice(Math.max(0, from - digits.length), Math.max(0, to - digits.length));
  const middle = cut(digits, Math.max(0, from), Math.max(0, to));
  return typeof middle === "string" ? head + middle + tail : surround(head, middle, tail);
}

function cut(digits: Digits, start: number, end: number): Digits {
  return typeof digits === "string" ? digits.slice(start, end) : digits.subarray(start, end);
}

/** @returns `{"n":33,"value":"3524578","digits":7,"algorithm":"fast-doubling"}` and `end`. */
export function jsonOf(job: FibonacciJob, digits: Digits, end = ""): Digits {
  const [before, after] = aroundDigits(job, digits.length);
  return typeof digits === "string"
    ? before + digits + after + end
    : surround(before, digits, after + end);
}

/** ASCII: as many bytes as characters. */
function aroundDigits({ n, algorithm }: FibonacciJob, digits: number): [string, string] {
  return [`{"n":${n},"value":"`, `","digits":${digits},"algorithm":"${algorithm}"}`];
}
