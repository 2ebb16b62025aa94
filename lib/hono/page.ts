import type { Context } from "hono";
import { namesEtag, requireMatch } from "./conditional.ts";
import type { Coding } from "./negotiation.ts";
import { header } from "./read.ts";
import { type HeaderGroup, respond } from "./respond.ts";

/** A page in the form that is sent. */
export interface PageForm {
  /** The version of the page, in characters of an entity tag. */
  readonly tag: string;
  /** How it is compressed; `undefined` if it is not. */
  readonly coding: Coding | undefined;
  /** Its bytes in this form. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Clients may keep it, and have to ask each time whether it is still the same. */
const KEPT = { "vary": "Accept-Encoding", "cache-control": "no-cache" };

const PAGE = {
  "content-type": "text/html; charset=utf-8",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/**
 * Answers with an HTML page, or with 304 if the client has it.
 *
 * @param more Headers beyond those that every page has.
 * @throws {Problem} 412, if `If-Match` names another entity tag.
 */
export function answerPage(
  c: Context,
  { tag, coding, body }: PageForm,
  more: HeaderGroup,
): Response {
  const etag = coding ? `"${tag}.${coding}"` : `"${tag}"`;
  requireMatch(c, etag);
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

/** Makes a function that asks the source for a page until there is one, and then keeps it. */
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
