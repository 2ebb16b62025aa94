import type { Context } from "hono";
import { negotiateCoding } from "../hono/negotiation.ts";
import { answerPage, type PageForm } from "../hono/page.ts";
import { Problem } from "../hono/problem.ts";
import { header } from "../hono/read.ts";
import { type HeaderGroup, IMMUTABLE, respond } from "../hono/respond.ts";
import type { AppEnv } from "./exchange.ts";
import type { Page } from "./page.ts";

/** The route of the files that the page loads. */
export const ASSET_PATH = "/assets/:name";

const ENDINGS = { br: ".br", gzip: ".gz" } as const;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  map: "application/json",
};

/** With the page's opener policy, it allows shared memory, by which running calls are cancelled. */
const ISOLATED = { "cross-origin-embedder-policy": "require-corp" };

const PAGE: HeaderGroup = {
  ...ISOLATED,
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
};

const ASSET: HeaderGroup = {
  ...ISOLATED,
  "vary": "Accept-Encoding",
  "x-content-type-options": "nosniff",
  "cache-control": IMMUTABLE,
  "cross-origin-resource-policy": "same-origin",
  // Only workers obey it. This one compiles WebAssembly, and talks to the page alone.
  "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
};

/** Answers `GET /` with a page that was built. */
export function answerBuilt(c: Context<AppEnv>, { files, tag }: Page): Response {
  return answerPage(c, { tag, ...formOf(c, files, "page.html") }, PAGE);
}

/** Answers `GET /assets/name`. @throws {Problem} 404, if there is no file of that name, or no page. */
export function answerAsset(c: Context<AppEnv>, page: Page | undefined): Response {
  const path = `assets/${c.req.param("name")}`;
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
  if (!page?.files.has(path) || type === undefined) {
    throw new Problem(404, "not-found", "The page has no such asset: load / again");
  }
  const { coding, body } = formOf(c, page.files, path);
  return respond(c.req.method === "HEAD" ? null : body, 200, ASSET, {
    "content-type": type,
    "content-length": String(body.length),
    ...(coding && { "content-encoding": coding }),
  });
}

/** Files were compressed when they were built: the event loop does nothing to them. */
function formOf(
  c: Context<AppEnv>,
  files: Page["files"],
  path: string,
): Pick<PageForm, "coding" | "body"> {
  // The smaller form: it costs no time here.
  const coding = negotiateCoding(header(c, "accept-encoding"), "br");
  const compressed = coding && files.get(path + ENDINGS[coding]);
  return compressed ? { coding, body: compressed } : { coding: undefined, body: files.get(path)! };
}
