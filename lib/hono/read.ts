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
  const length = url.length - start - 1;
  if (length > MAX_LENGTH) {
    throw new Problem(
      414,
      "query-too-long",
      `The query has ${length} characters, and may have ${MAX_LENGTH}`,
    );
  }
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

function requireKnown(found: URLSearchParams, names: readonly string[]): void {
  for (const name of found.keys()) {
    if (names.includes(name)) continue;
    const seen = JSON.stringify(name.slice(0, SHOWN));
    const allowed = names.join(", ");
    throw new Problem(400, "unknown-parameter", `No parameter is called ${seen}: use ${allowed}`);
  }
}
