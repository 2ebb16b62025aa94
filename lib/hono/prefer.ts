/**
 * Reads how long a client is willing to wait off its `Prefer` header (RFC 7240): `wait=SECONDS`. Of
 * several, the first counts; whatever is malformed is ignored.
 *
 * @returns Seconds, or `undefined` if it does not say.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { preferredWait } from "./prefer.ts";
 *
 * assertEquals(preferredWait("respond-async, wait=10; x=1"), 10);
 * assertEquals(preferredWait("wait=soon"), undefined);
 * ```
 */
export function preferredWait(header: string): number | undefined {
  for (const preference of header.split(",")) {
    const seconds = /^wait *= *(?:(\d+)|"(\d+)")$/i.exec(preference.split(";", 1)[0].trim());
    if (seconds) return Number(seconds[1] ?? seconds[2]);
  }
}
