/**
 * Near-valid requests over raw sockets, and whether each answer is one that the API document describes: its status,
 * its media type, and what is in it.
 *
 * @module
 */

import fc from "fast-check";
import { OPENAPI } from "../../lib/http/openapi.ts";

/** A request as it is sent. */
export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
}

/** Something that is mostly one thing, and now and then another. */
function mostly<T>(usual: T[], unusual: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...unusual) },
  );
}

const garbage = ["%", "%zz", "%00", "é", "a b", "{", '"', "<>", "\\", "x".repeat(5_000), ""];

const number = fc.oneof(
  fc.nat(2_000).map(String),
  fc.constantFrom("0", "007", "-1", "1.5", "1e3", "0x10", "５", "5/", "99999999", "9".repeat(400)),
);

const path = fc.oneof(
  { weight: 6, arbitrary: number.map((n) => `/${n}`) },
  {
    weight: 3,
    arbitrary: mostly(
      ["/", "/sequence", "/healthz", "/readyz", "/metrics", "/openapi.json", "/assets/page-1.js"],
      ["/:n{[0-9]+}", "/assets/:name", "/assets/", "/sequence/", "//", "/.well-known/x", "*", "/é"],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...garbage).map((text) => `/${text}`) },
);

const parameter = fc.tuple(
  mostly(["algorithm", "from", "count"], ["algo", "__proto__", "", "ALGORITHM", ...garbage]),
  fc.oneof(
    mostly(["naive", "iterative", "fast-doubling", "3", "10"], ["quick", "-1", "1001", ...garbage]),
    number,
  ),
).map(([name, value]) => `${name}=${value}`);

const target = fc.tuple(path, fc.array(parameter, { maxLength: 2 })).map(([path, parameters]) =>
  (parameters.length > 0 ? `${path}?${parameters.join("&")}` : path)
    .replaceAll(" ", "%20").replaceAll("\n", "")
);

const header = fc.oneof(
  mostly(["text/plain", "application/json", "*/*", "text/*;q=0.5, application/json"], [
    "image/png",
    "a",
    ";q=",
    ",".repeat(300),
    ",".repeat(5_000),
  ]).map((value) => `Accept: ${value}`),
  mostly(["gzip", "br", "gzip, br", "identity"], ["*;q=0", "x;q=2", ","]).map((value) =>
    `Accept-Encoding: ${value}`
  ),
  mostly(["bytes=0-0", "bytes=-1", "bytes=1-"], [
    "bytes=9-1",
    "bytes=99999-",
    "x=1-2",
    "bytes=0-0,2-3",
  ])
    .map((value) => `Range: ${value}`),
  mostly(["*", '"33.text"'], ['"x"', "x", 'W/"33.text"', ""]).map((value) => `If-Match: ${value}`),
  mostly(["*", '"33.text"'], ['"x"', "", ","]).map((value) => `If-None-Match: ${value}`),
  mostly(["wait=5"], ["wait=0", "wait=x", "wait=99999999999"]).map((value) => `Prefer: ${value}`),
  mostly(["no-cache"], ["max-age=0", "no-cache,,"]).map((value) => `Cache-Control: ${value}`),
  fc.constantFrom("Content-Length: 0", "X-Request-Id: a b", "Connection: keep-alive", "Foo: bar"),
);

/** Requests that are valid, or nearly. */
export const requests: fc.Arbitrary<Sent> = fc.record({
  method: mostly(["GET", "GET", "GET", "HEAD"], [
    "POST",
    "OPTIONS",
    "PUT",
    "DELETE",
    "TRACE",
    "BREW",
  ]),
  target,
  headers: fc.tuple(
    mostly(["Host: x", "Host: localhost:8000"], ["Host: ", "Host: a b<>", "Host: x:99999"]),
    fc.array(header, { maxLength: 3 }),
  ).map(([host, headers]) => [host, ...headers]),
});

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly allow: string | undefined;
  readonly body: string;
}

/** @returns What is wrong with an answer, by the API document. */
export function complaint({ method, target }: Sent, answer: Answer): string | undefined {
  const { status, type, body, allow } = answer;
  // The runtime's own, to what is no HTTP.
  if (status === 400 && type === undefined && body === "") return undefined;
  if (method === "OPTIONS" && status === 204) return allow ? undefined : "There is no Allow";
  if (status === 405 && !allow) return "There is no Allow";
  const responses = responsesOf(target);
  const isRead = method === "GET" || method === "HEAD";
  const known: Record<string, Described | undefined> = responses && isRead
    ? responses
    : { 400: PROBLEM, 404: PROBLEM, 405: PROBLEM, 414: PROBLEM, 431: PROBLEM };
  const described = known[status];
  if (!described) return `${status} is not documented`;
  const { content } = described;
  if (!content) return type === undefined ? undefined : `${type} is not documented`;
  const media = content[type?.split(";")[0] ?? ""];
  if (!media) return `${type} is not documented`;
  if (method === "HEAD") return body === "" ? undefined : "There is a body";
  // Of a range only a part is there.
  if (status === 206 || !media.schema || !type?.includes("json")) return undefined;
  const texts = type.includes("ndjson") ? body.trimEnd().split("\n") : [body];
  for (const text of texts) {
    const found = mismatch(JSON.parse(text), media.schema);
    if (found) return `${text.slice(0, 100)}: ${found}`;
  }
}

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

/** As much of JSON Schema as the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
}

const PROBLEM: Described = {
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function responsesOf(target: string): Record<string, Described> | undefined {
  const path = target.replace(/[?#].*/, "");
  // Whether the digits are written as they are or encoded, they are the same path.
  const isNumber = /^\/[0-9]+$/.test(path);
  const asset = /^\/assets\/[^/]+$/.test(path) ? "/assets/{name}" : path;
  const found = OPENAPI.paths[isNumber ? "/{n}" : asset];
  return found?.get.responses as Record<string, Described> | undefined;
}

function mismatch(value: unknown, schema: Schema): string | undefined {
  if (schema.$ref) {
    const target = schema.$ref.slice(2).split("/")
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], OPENAPI);
    return mismatch(value, target as Schema);
  }
  const type = Number.isInteger(value) ? "integer" : typeof value;
  if (schema.type && schema.type !== type) return `${type} is no ${schema.type}`;
  if ("const" in schema && schema.const !== value) return `not ${schema.const}`;
  if (schema.enum && !schema.enum.includes(value)) return `none of ${schema.enum}`;
  if (schema.pattern && !new RegExp(schema.pattern).test(String(value))) return "no such text";
  if (schema.minimum !== undefined && Number(value) < schema.minimum) return "too small";
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value as object, name)) return `no ${name}`;
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const found = mismatch((value as Record<string, unknown>)[name], part);
    if (found) return `${name}: ${found}`;
  }
}
