/**
 * What of a request is read, within bounds: parsing 64 kB of commas takes the event loop 20 ms, and nobody who means
 * well sends a tenth of it.
 *
 * @module
 */

import type { Context } from "hono";
import { Problem } from "./problem.ts";

/** The longest value of a header that is parsed, and the longest query, in characters. Browsers send a tenth. */
export const MAX_LENGTH = 4096;

/** As much of an unknown name as an answer repeats. */
const SHOWN = 40;

/**
 * Reads a header that is to be parsed.
 *
 * @throws {Problem} 431, if it is longer than {@linkcode MAX_LENGTH}.
 */
export function header(c: Context, name: string): string | undefined {
  const value = c.req.header(name);
  if (value === undefined || value.length <= MAX_LENGTH) return value;
  throw new Problem(
    431,
    "header-too-large",
    `${name} has ${value.length} characters, and may have ${MAX_LENGTH}`,
  );
}

/**
 * Reads the parameters of the query.
 *
 * @param names Those that there are.
 * @returns Their values by name. One that is not given has none.
 * @throws {Problem} 414, if the query is longer than {@linkcode MAX_LENGTH}; 400, if it has another parameter, or one of
 * them with several values.
 */
export function query<Name extends string>(
  c: Context,
  names: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const { url } = c.req;
  const start = url.indexOf("?");
  const values: Partial<Record<Name, string>> = {};
  if (start === -1) return values;
  requireShort(url);
  const found = new URLSearchParams(url.slice(start));
  let known = 0;
  for (const name of names) {
    const [value, ...others] = found.getAll(name);
    if (value === undefined) continue;
    if (others.some((other) => other !== value)) {
      throw new Problem(400, "repeated-parameter", `${name} is given more than once`);
    }
    known += 1 + others.length;
    values[name] = value;
  }
  // To go through all of them costs as much as everything above.
  if (known < found.size) requireKnown(found, names);
  return values;
}

/** @throws {Problem} 414, if a query is longer than {@linkcode MAX_LENGTH}. */
function requireShort(url: string): void {
  if (url.length <= MAX_LENGTH) return;
  const length = url.length - url.indexOf("?") - 1;
  if (!url.includes("?") || length <= MAX_LENGTH) return;
  const detail = `The query has ${length} characters, and may have ${MAX_LENGTH}`;
  throw new Problem(414, "query-too-long", detail);
}

function requireKnown(found: URLSearchParams, names: readonly string[]): void {
  for (const name of found.keys()) {
    if (names.includes(name)) continue;
    const seen = JSON.stringify(name.slice(0, SHOWN));
    const allowed = names.join(", ");
    throw new Problem(400, "unknown-parameter", `No parameter is called ${seen}: use ${allowed}`);
  }
}

/** What {@linkcode intQuery} and {@linkcode intParam} take. */
export interface IntOptions {
  /** The least. Default: 0. */
  min?: number;
  /** The most. Default: the largest integer that a number holds exactly. */
  max?: number;
}

/**
 * Reads an integer off the query: decimal digits, with a sign if it is negative.
 *
 * @param options `default`: what it is if it is not given. Without one it has to be.
 * @throws {Problem} 400, if it is none, or out of range; 414, if the query is too long.
 */
export function intQuery(
  c: Context,
  name: string,
  { default: otherwise, ...range }: IntOptions & { default?: number } = {},
): number {
  const text = textOf(c, name);
  if (text === undefined && otherwise !== undefined) return otherwise;
  return intOf(name, text, range);
}

/**
 * Reads an integer off the path.
 *
 * @throws {Problem} 400, if it is none, or out of range.
 */
export function intParam(c: Context, name: string, range: IntOptions = {}): number {
  return intOf(name, c.req.param(name), range);
}

/**
 * Reads one of several words off the query.
 *
 * @param words What is allowed. The first is the default.
 * @throws {Problem} 400, if it is another; 414, if the query is too long.
 */
export function wordQuery<Word extends string>(
  c: Context,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const text = textOf(c, name) ?? words[0];
  const word = words.find((word) => word === text);
  if (word !== undefined) return word;
  throw new Problem(400, "bad-parameter", `${name} must be one of ${words.join(", ")}`);
}

/** What {@linkcode textQuery} takes. */
export interface TextOptions {
  /** The most characters. Default: those of the longest query. */
  max?: number;
}

/**
 * Reads a text off the query.
 *
 * @param options `default`: what it is if it is not given. Without one it has to be.
 * @throws {Problem} 400, if it is none, empty or too long; 414, if the query is too long.
 */
export function textQuery(
  c: Context,
  name: string,
  { default: otherwise, max = MAX_LENGTH }: TextOptions & { default?: string } = {},
): string {
  const text = textOf(c, name) ?? otherwise;
  if (text !== undefined && text === otherwise) return text;
  if (text && text.length <= max) return text;
  throw new Problem(400, "bad-parameter", `${name} must be a text of 1 to ${max} characters`);
}

function textOf(c: Context, name: string): string | undefined {
  requireShort(c.req.url);
  return c.req.query(name);
}

function intOf(
  name: string,
  text: string | undefined,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: IntOptions,
): number {
  const value = text !== undefined && /^-?[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new Problem(400, "bad-parameter", `${name} must be an integer from ${min} to ${max}`);
}
