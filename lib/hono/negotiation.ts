import { type Accept, parseAccept } from "hono/utils/accept";

/** The worker's method that calls another one and compresses its result: `worker.ts` makes it. */
export const COMPRESSED = "compressed";

/** How a body can be compressed, by HTTP's names. */
export type Coding = "gzip" | "br";

/**
 * Chooses the format that a client likes best by its `Accept` header (RFC 9110, 12.5.1): by q, then by how specifically
 * the client names it, then by the order of `types`. Parameters other than `q` are ignored: some clients ask for
 * `application/json; charset=utf-8` only.
 *
 * @param types The media types by format, the preferred one first.
 * @returns `undefined` if none is acceptable.
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
  // With q=0 a format is unwanted, and never gets above this.
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
 * Chooses how to compress a body by the client's `Accept-Encoding` header (RFC 9110, 12.5.3).
 *
 * @param preferred The coding to use if the client likes both the same. For digits brotli saves one percent more than
 * gzip, and takes four times as long.
 * @returns `undefined` if the body is not to be compressed.
 */
export function negotiateCoding(
  acceptEncoding: string | undefined,
  preferred: Coding = "gzip",
): Coding | undefined {
  if (!acceptEncoding) return undefined;
  const codings = parseAccept(acceptEncoding.toLowerCase());
  const q = (name: string, other = "*") =>
    (codings.find(({ type }) => type === name) ?? codings.find(({ type }) => type === other))?.q ??
      0;
  const [gzip, br] = [q("gzip"), q("br")];
  const most = Math.max(gzip, br);
  // The client may like the uncompressed body more.
  if (most === 0 || most < q("identity", "identity")) return undefined;
  if (br === gzip) return preferred;
  return br > gzip ? "br" : "gzip";
}

/** Ranks a type. The most specific range that covers it decides, whatever its q. */
function rankOf(type: string, ranges: readonly Accept[]): { q: number; specificity: number } {
  const names = ["*/*", `${type.slice(0, type.indexOf("/"))}/*`, type];
  let rank = { q: 0, specificity: -1 };
  for (const range of ranges) {
    const specificity = names.indexOf(range.type);
    if (specificity > rank.specificity) rank = { q: range.q, specificity };
  }
  return rank;
}
