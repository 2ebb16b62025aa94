import { ALGORITHM_NAMES, ALGORITHMS } from "../compute/mod.ts";
import { VERSION } from "../version.ts";
import { MAX_COUNT } from "./sequence_route.ts";

/** The parts of an operation that are used here. Every path takes GET, and HEAD as HTTP defines it. */
interface Operation {
  readonly summary: string;
  readonly parameters?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const STRING = { type: "string" };

function header(name: string, description?: string, example?: string) {
  return { name, in: "header", description, schema: STRING, example };
}

function query(name: string, schema: object, description?: string) {
  return { name, in: "query", description, schema };
}

function path(name: string, schema: object, description?: string, example?: string) {
  return { name, in: "path", required: true, description, schema, example };
}

function response(description: string, mediaType?: string, schema: object = STRING) {
  return { description, ...(mediaType && { content: { [mediaType]: { schema } } }) };
}

function problem(description: string, ...headers: string[]) {
  return {
    ...response(description, "application/problem+json", { $ref: "#/components/schemas/Problem" }),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map((name) => [name, { schema: STRING }])),
    }),
  };
}

/** What any path answers to some requests. */
const ANY = {
  400: problem("`Host` is not a valid host, or the request has a body."),
  412: problem("`If-Match` names another entity tag."),
  431: problem("A header that is read is longer than 4096 characters."),
};

function get(summary: string, responses: Operation["responses"], ...parameters: unknown[]) {
  const has = parameters.length > 0 && { parameters };
  return { get: { summary, ...has, responses: { ...ANY, ...responses } } };
}

const digits = { type: "string", pattern: "^[0-9]+$" };

const algorithm = query(
  "algorithm",
  { enum: ALGORITHM_NAMES },
  "How to compute it. The digits are the same. Default: the service's own choice.\n\n" +
    ALGORITHM_NAMES.map((name) => `- \`${name}\`: ${ALGORITHMS[name].description}`).join("\n"),
);
const prefer = header("Prefer", "`wait=SECONDS` lowers the time an answer may take.", "wait=5");
const cacheControl = header(
  "Cache-Control",
  "`no-cache` computes the number anew, even if it is cached or being computed.",
  "no-cache",
);

const answer = {
  "text/plain": { schema: digits, example: "3524578" },
  "application/json": { schema: { $ref: "#/components/schemas/Answer" } },
};
const known = response("The answer that the client has is still right.");
const busy = problem("Overloaded or shutting down.", "Retry-After");

/** What a path answers that computes. */
const WORK = {
  400: problem(
    "A query parameter is unknown, or has a value that is not allowed; `Host` is not a valid host, or the request has a body.",
  ),
  414: problem("The query is longer than 4096 characters."),
  422: problem("n is over the limit, or the answer would take longer than the deadline."),
  500: problem("A bug. `requestId` finds it in the log."),
  503: busy,
  504: problem("The deadline passed while computing."),
};

/** The API in OpenAPI 3.1: `/openapi.json`. A test compares it with the routes and their answers. */
export const OPENAPI = {
  openapi: "3.1.0",
  info: {
    title: "Fibonacci",
    version: VERSION,
    description: "Fibonacci numbers, computed off the event loop. All paths answer HEAD as well.",
  },
  paths: <Readonly<Record<string, { readonly get: Operation }>>> {
    "/": get("The page, or a list of the paths while none is built", {
      200: response("A page.", "text/html"),
      304: known,
    }, header("If-None-Match")),
    "/assets/{name}": get("A file of the page", {
      200: {
        description: "A file that never changes.",
        content: { "text/javascript": {}, "text/css": {}, "application/json": {} },
      },
      404: problem("The page has no file of that name."),
    }, path("name", STRING)),
    "/{n}": get(
      "The n-th Fibonacci number",
      {
        ...WORK,
        200: { description: "The number.", content: answer },
        206: { description: "The bytes in `Range`.", content: answer },
        304: known,
        404: problem("n has other characters than ASCII digits."),
        406: problem("No acceptable media type. `detail` lists those that are available."),
        416: problem("`Range` is beyond the body.", "Content-Range"),
      },
      path("n", digits, "F(0) = 0, F(1) = 1.", "33"),
      algorithm,
      prefer,
      cacheControl,
      ...["If-Match", "If-None-Match", "Range", "If-Range"].map((name) => header(name)),
    ),
    "/sequence": get(
      "Consecutive Fibonacci numbers, streamed in order",
      {
        ...WORK,
        200: response(
          "One JSON object per line. If it fails midway, the body is cut off.",
          "application/x-ndjson",
          { $ref: "#/components/schemas/Answer" },
        ),
      },
      query("from", { type: "integer", minimum: 0, default: 0 }),
      query("count", { type: "integer", minimum: 1, maximum: MAX_COUNT, default: 10 }),
      algorithm,
      prefer,
    ),
    "/healthz": get("Liveness", {
      200: response("Alive.", "application/json", {}),
      503: problem("Only a restart helps."),
    }),
    "/readyz": get("Readiness", {
      200: response("Takes calls.", "application/json", {}),
      503: busy,
    }),
    "/metrics": get("Metrics in Prometheus' text format", {
      200: response("The metrics.", "text/plain"),
    }),
    "/events": get("Server-sent events: what the service does, as it happens", {
      200: response(
        "`stats` on connect and once a second: all numbers. `activity` on connect and, while " +
          "there is any, up to four times a second: the calls that run, and those that have ended. " +
          "A client that does not read misses events, and after ten seconds loses the stream.",
        "text/event-stream",
      ),
      503: busy,
    }),
    "/dashboard": get("What the workers do, as a page", {
      200: response("A page.", "text/html"),
      304: known,
    }, header("If-None-Match")),
    "/openapi.json": get("This document", {
      200: response("The document.", "application/json", {}),
    }),
  },
  components: {
    schemas: {
      Answer: {
        type: "object",
        required: ["n", "value", "digits", "algorithm"],
        properties: {
          n: { type: "integer", minimum: 0 },
          value: digits,
          digits: { type: "integer", minimum: 1 },
          algorithm: { enum: ALGORITHM_NAMES },
        },
      },
      Problem: {
        type: "object",
        description: "RFC 9457.",
        required: ["type", "title", "status", "detail", "code", "requestId"],
        properties: {
          type: { const: "about:blank" },
          title: STRING,
          status: { type: "integer" },
          detail: STRING,
          code: STRING,
          requestId: STRING,
        },
      },
    },
  },
};
