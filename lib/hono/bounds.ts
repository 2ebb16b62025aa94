/**
 * What bounds the calls made for a request: its connection, the deadline, `Prefer: wait=`.
 *
 * @module
 */

import type { Context } from "hono";
import { preferredWait } from "./prefer.ts";
import { header } from "./read.ts";
import type { HeaderGroup } from "./respond.ts";

/** How long a request may take. */
export interface Wait {
  /** Milliseconds, by the service's bound or, if that is shorter, the client's. */
  readonly deadlineMs: number;
  /** Tells the client that its preference was followed, if it was. */
  readonly headers: HeaderGroup;
}

/**
 * Finds how long a request may take. A client may ask for less than `deadlineMs`, never for more.
 *
 * @throws {Problem} 431, if the header is too long.
 */
export function waitOf(c: Context, deadlineMs: number): Wait {
  const prefer = header(c, "prefer");
  const seconds = prefer === undefined ? Infinity : preferredWait(prefer) ?? Infinity;
  return seconds * 1000 < deadlineMs
    ? { deadlineMs: seconds * 1000, headers: { "preference-applied": `wait=${seconds}` } }
    : { deadlineMs, headers: undefined };
}

/**
 * The shortest work, in milliseconds, that is called off when the client leaves, if it need not wait. To
 * watch its connection costs 5 µs; what is shorter than ten times that may as well be finished. What waits is
 * watched, however short: else it would keep its place from those who still want theirs.
 */
const WATCH_FROM_MS = 0.05;

/**
 * Whether a request's connection is to be watched while a call runs for it.
 *
 * @param estimateMs What the call is estimated to take, if that is known.
 * @param isBusy Whether it may have to wait.
 */
export function isWatched(estimateMs = Infinity, isBusy: boolean): boolean {
  return isBusy || !(estimateMs < WATCH_FROM_MS);
}
