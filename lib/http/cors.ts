import { Hono } from "hono";
import { cors } from "hono/cors";
import type { ServeInfo } from "../hono/exchange.ts";
import { honestHead } from "../hono/honest_head.ts";
import type { App } from "./app.ts";

/** The headers of an answer that pages of other origins may read, beyond those that they always may. */
const EXPOSED = [
  "accept-ranges",
  "content-range",
  "etag",
  "preference-applied",
  "retry-after",
  "server-timing",
  "x-request-id",
];

/** How long a browser may remember the answer to a preflight request, in seconds. */
const MAX_AGE_S = 600;

/** Lets pages of other origins read answers and errors. @param origins `*`, or several, separated by commas. */
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
    // Hono's middleware would answer every OPTIONS. The app answers those that are no preflight.
    const isPlain = request.method === "OPTIONS" &&
      !request.headers.has("access-control-request-method");
    return isPlain ? fetch(request, info) : app.fetch(request, { info });
  });
}
