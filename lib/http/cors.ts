import { Hono } from "hono";
import { cors } from "hono/cors";
import type { ServeInfo } from "../hono/exchange.ts";
import { honestHead } from "../hono/honest_head.ts";
import type { App } from "./app.ts";

/** What pages of other origins may read of an answer's headers, beside those that all may. */
const EXPOSED = [
  "accept-ranges",
  "content-range",
  "etag",
  "preference-applied",
  "retry-after",
  "server-timing",
  "x-request-id",
];

/** How long a browser may remember what a preflight was told, in seconds. */
const MAX_AGE_S = 600;

/**
 * Lets pages of other origins read the answers, errors included.
 *
 * @param origins `*`, or several that are separated by commas.
 */
export function withCors(fetch: App["fetch"], origins: string): App["fetch"] {
  const app = new Hono<{ Bindings: { info: ServeInfo | undefined } }>();
  app.use(cors({
    origin: origins === "*" ? "*" : origins.split(","),
    allowMethods: ["GET", "HEAD"],
    exposeHeaders: EXPOSED,
    maxAge: MAX_AGE_S,
  }));
  app.notFound((c) => fetch(c.req.raw, c.env.info));
  return honestHead((request, info) => {
    // Hono's middleware answers every OPTIONS; only a preflight is its own.
    const isPlain = request.method === "OPTIONS" &&
      !request.headers.has("access-control-request-method");
    return isPlain ? fetch(request, info) : app.fetch(request, { info });
  });
}
