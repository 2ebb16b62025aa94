/**
 * The answer to a call for which there is no room. When there are many of them there is least time for each, so that it
 * is put together from what is the same in all.
 *
 * @module
 */

import type { Refused } from "../compute/mod.ts";
import type { Exchange } from "./exchange.ts";
import { respond } from "./respond.ts";

/** What programs and people are told, by reason. */
export const REFUSALS: Readonly<Record<Refused["reason"], { code: string; detail: string }>> = {
  queue: { code: "overloaded", detail: "More calls are waiting than can be answered in time" },
  wait: { code: "overloaded", detail: "More calls are waiting than can be answered in time" },
  lane: { code: "overloaded-long", detail: "It takes long, and made room for calls that don't" },
  group: {
    code: "overloaded-client",
    detail: "The client has more calls waiting than its share, and made room for others",
  },
};

/** An estimate beyond this says only "busy": a client that believed it would miss the end of the rush. */
const MAX_RETRY_AFTER_S = 300;

/** @returns When to come back, in whole seconds, as `Retry-After` has it. */
export function retryAfterOf({ retryAfterMs }: Refused): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return String(Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S));
}

const HEADERS = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** @returns The answer to a call that is refused. */
export function answerRefused({ requestId }: Exchange, refused: Refused): Response {
  const { code, detail } = REFUSALS[refused.reason];
  // Nothing in it needs to be escaped.
  const body = `{"type":"about:blank","title":"Service Unavailable","status":503,` +
    `"detail":"${detail}","code":"${code}","requestId":"${requestId}"}`;
  const own = { "retry-after": retryAfterOf(refused), "x-request-id": requestId };
  return respond(body, 503, HEADERS, own);
}
