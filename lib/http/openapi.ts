import { ALGORITHM_NAMES, ALGORITHMS } from "../compute/mod.ts";
import { VERSION } from "../version.ts";
import { MAX_COUNT } from "./sequence_route.ts";

/** The parts of OpenAPI 3.1 that are used here. */
interface Operation {
  readonly summary: string;
  readonly parameters?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

/** An OpenAPI 3.1 document. Every path takes GET, and HEAD as HTTP defines it. */
export interface OpenApiDocument {
  readonly openapi: `3.1.${number}`;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
  readonly components: Readonly<Record<string, unknown>>;
}

const algorithm = {
  name: "algorithm",
  in: "query",
  description:
    "How to compute it. The digits are the same. Default: the service's own choice.\n\n" +
    ALGORITHM_NAMES.map((name) => `- \`${name}\`: ${ALGORITHMS[name].description}`).join("\n"),
  schema: { enum: ALGORITHM_NAMES },
};

const prefer = {
  name: "Prefer",
  in: "header",
  description: "`wait=SECONDS` lowers the time an answer may take.",
  schema: { type: "string" },
  example: "wait=5",
};

const cacheControl = {
  name: "Cache-Control",
  in: "header",
  description: "`no-cache` has the number computed anew, whatever is remembered or under way.",
  schema: { type: "string" },
  example: "no-cache",
};

function header(name: string) {
  return { name, in: "header", schema: { type: "string" } };
}

function response(description: string, mediaType?: string, schema: unknown = { type: "string" }) {
  return { description, ...(mediaType && { content: { [mediaType]: { schema } } }) };
}

function problem(description: string, headers?: string[]) {
  return {
    ...response(description, "application/problem+json", { $ref: "#/components/schemas/Problem" }),
    ...(headers && {
      headers: Object.fromEntries(headers.map((name) => [name, { schema: { type: "string" } }])),
    }),
  };
}

const answer = {
  "text/plain": { schema: { type: "string", pattern: "^[0-9]+$" }, example: "3524578" },
  "application/json": { schema: { $ref: "#/components/schemas/Answer" } },
};

const badQuery = problem(
  "A query parameter is unknown, or has a value that is not allowed; the host is none, or the request has a body.",
);
const longQuery = problem("The query is longer than 4096 characters.");
const tooMuch = problem("n is over the limit, or the answer would take longer than it may.");
const bug = problem("A bug. `requestId` finds it in the log.");
const busy = problem("Overloaded or shutting down.", ["Retry-After"]);
const late = problem("The deadline passed while computing.");

/** What any path answers to some requests. */
const ANY = {
  400: problem("The host is none, or the request has a body."),
  412: problem("`If-Match` names another entity tag."),
  431: problem("A header that is read is longer than 4096 characters."),
};

/** The API, as `/openapi.json` tells it. A test compares it with the routes and their answers. */
export const OPENAPI: OpenApiDocument = {
  openapi: "3.1.0",
  info: {
    title: "Fibonacci",
    version: VERSION,
    description: "Fibonacci numbers, computed off the event loop. All paths answer HEAD as well.",
  },
  paths: {
    "/": {
      get: {
        summary: "The page, or where none is built, what there is",
        parameters: [header("If-None-Match")],
        responses: {
          ...ANY,
          200: response("A page.", "text/html"),
          304: response("The client has it."),
        },
      },
    },
    "/assets/{name}": {
      get: {
        summary: "What the page loads",
        parameters: [
          { name: "name", in: "path", required: true, schema: { type: "string" } },
        ],
        responses: {
          ...ANY,
          200: {
            description: "A file that never changes.",
            content: Object.fromEntries(
              ["text/javascript", "text/css", "application/json"].map((type) => [type, {}]),
            ),
          },
          404: problem("The page that is served has none of that name."),
        },
      },
    },
    "/{n}": {
      get: {
        summary: "The n-th Fibonacci number",
        parameters: [
          {
            name: "n",
            in: "path",
            required: true,
            description: "F(0) = 0, F(1) = 1.",
            schema: { type: "string", pattern: "^[0-9]+$" },
            example: "33",
          },
          algorithm,
          prefer,
          cacheControl,
          header("If-Match"),
          header("If-None-Match"),
          header("Range"),
          header("If-Range"),
        ],
        responses: {
          ...ANY,
          200: { description: "The number.", content: answer },
          206: { description: "The bytes in `Range`.", content: answer },
          304: response("The client has it."),
          400: badQuery,
          404: problem("n has other characters than ASCII digits."),
          414: longQuery,
          406: problem("No acceptable media type. `detail` lists those there are."),
          416: problem("Nothing is in `Range`.", ["Content-Range"]),
          422: tooMuch,
          500: bug,
          503: busy,
          504: late,
        },
      },
    },
    "/sequence": {
      get: {
        summary: "Consecutive Fibonacci numbers, streamed in order",
        parameters: [
          { name: "from", in: "query", schema: { type: "integer", minimum: 0, default: 0 } },
          {
            name: "count",
            in: "query",
            schema: { type: "integer", minimum: 1, maximum: MAX_COUNT, default: 10 },
          },
          algorithm,
          prefer,
        ],
        responses: {
          ...ANY,
          414: longQuery,
          200: response(
            "A JSON object a line. A body without its end was cut by a failure.",
            "application/x-ndjson",
            {
              $ref: "#/components/schemas/Answer",
            },
          ),
          400: badQuery,
          422: tooMuch,
          500: bug,
          503: busy,
          504: late,
        },
      },
    },
    "/healthz": {
      get: {
        summary: "Liveness",
        responses: {
          ...ANY,
          200: response("Alive.", "application/json", {}),
          503: problem("Restart it."),
        },
      },
    },
    "/readyz": {
      get: {
        summary: "Readiness",
        responses: { ...ANY, 200: response("Takes calls.", "application/json", {}), 503: busy },
      },
    },
    "/metrics": {
      get: {
        summary: "Metrics in Prometheus' text format",
        responses: { ...ANY, 200: response("The metrics.", "text/plain") },
      },
    },
    "/events": {
      get: {
        summary: "Server-sent events: what the service does, as it happens",
        responses: {
          ...ANY,
          200: response(
            "`stats` on connect and once a second: all there is to see. `activity` on connect and, while " +
              "there is any, up to four times a second: what workers are on, and what they have ended. " +
              "Whoever does not read misses events, and after ten seconds the stream.",
            "text/event-stream",
          ),
          503: busy,
        },
      },
    },
    "/dashboard": {
      get: {
        summary: "What the workers do, as a page",
        parameters: [header("If-None-Match")],
        responses: {
          ...ANY,
          200: response("A page.", "text/html"),
          304: response("The client has it."),
        },
      },
    },
    "/openapi.json": {
      get: {
        summary: "This document",
        responses: { ...ANY, 200: response("The document.", "application/json", {}) },
      },
    },
  },
  components: {
    schemas: {
      Answer: {
        type: "object",
        required: ["n", "value", "digits", "algorithm"],
        properties: {
          n: { type: "integer", minimum: 0 },
          value: { type: "string", pattern: "^[0-9]+$" },
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
          title: { type: "string" },
          status: { type: "integer" },
          detail: { type: "string" },
          code: { type: "string" },
          requestId: { type: "string" },
        },
      },
    },
  },
};
