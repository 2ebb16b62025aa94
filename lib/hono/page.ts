import type { Context } from "hono";
import { matchesEtag, namesEtag } from "./conditional.ts";
import type { Coding } from "./negotiation.ts";
import { preconditionFailed } from "./problem.ts";
import { header } from "./read.ts";
import { type HeaderGroup, respond } from "./respond.ts";

/** A page as it is to be sent. */
export interface PageForm {
  /** What tells the page from others, as an entity tag can hold it. */
  readonly tag: string;
  /** How it is compressed, if it is. */
  readonly coding: Coding | undefined;
  /** Its bytes in this form. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** It may be kept, and has to be asked for each time. */
const KEPT = { "vary": "Accept-Encoding", "cache-control": "no-cache" };

const PAGE = {
  "content-type": "text/html; charset=utf-8",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * Answers with an HTML page, or that the client has it.
 *
 * @param more Headers that the page has beside those of any.
 * @throws {Problem} 412, if `If-Match` names another one.
 */
export function answerPage(
  c: Context,
  { tag, coding, body }: PageForm,
  more: HeaderGroup,
): Response {
  const etag = coding ? `"${tag}.${coding}"` : `"${tag}"`;
  const ifMatch = header(c, "if-match");
  if (ifMatch !== undefined && !matchesEtag(ifMatch, etag)) throw preconditionFailed();
  const ifNoneMatch = header(c, "if-none-match");
  if (ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
    return respond(null, 304, KEPT, { etag });
  }
  return respond(c.req.method === "HEAD" ? null : body, 200, KEPT, PAGE, more, {
    etag,
    "content-length": String(body.length),
    ...(coding && { "content-encoding": coding }),
  });
}

/** Asks for a page when it is first wanted, and again until there is one; then keeps it. */
export function kept<Page>(source: () => Promise<Page>): () => Promise<Page> {
  let page: Promise<Page> | undefined;
  return async () => {
    const asked = page ??= source();
    let found: Page | undefined;
    try {
      return found = await asked;
    } finally {
      if (found === undefined && page === asked) page = undefined;
    }
  };
}
