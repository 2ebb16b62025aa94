import type { Context } from "hono";
import { header } from "./read.ts";
import type { HeaderGroup } from "./respond.ts";

/**
 * Finds how long a request may take. A client may ask for less than `deadlineMs` by `Prefer: wait=SECONDS` (RFC 7240),
 * never for more. Of several such preferences the first counts. What is malformed is ignored.
 *
 * @returns Milliseconds, and headers that say so if the client's preference is followed.
 * @throws {Problem} 431, if the header is too long.
 */
export function waitOf(
  c: Context,
  deadlineMs: number,
): { readonly deadlineMs: number; readonly headers: HeaderGroup } {
  for (const preference of header(c, "prefer")?.split(",") ?? []) {
    const found = /^wait *= *(?:(\d+)|"(\d+)")$/i.exec(preference.split(";", 1)[0].trim());
    if (!found) continue;
    const seconds = Number(found[1] ?? found[2]);
    if (seconds * 1000 >= deadlineMs) break;
    return {
      deadlineMs: seconds * 1000,
      headers: { "preference-applied": `wait=${seconds}` },
    };
  }
  return { deadlineMs, headers: undefined };
}

/**
 * The shortest work, in milliseconds, that is cancelled when the client leaves. To watch a connection costs 5 µs: work
 * that is shorter than ten times that may as well be finished.
 */
const WATCH_FROM_MS = 0.05;

/**
 * Whether to watch a request's connection during a call.
 *
 * @param estimateMs The estimate of the call, if there is one.
 * @param isBusy Whether the call may have to wait. Then it is watched however short it is: else it would keep a place
 * in the queue for nothing.
 */
export function isWatched(estimateMs = Infinity, isBusy: boolean): boolean {
  return isBusy || !(estimateMs < WATCH_FROM_MS);
}
