/**
 * Whose request it is: what calls are grouped by, so that no client has more turns than another.
 *
 * @module
 */

/** Tells whether an address is that of a proxy whose word on its clients counts. */
export type TrustsProxy = (address: string) => boolean;

/**
 * Finds the client's address.
 *
 * Each proxy adds the address that it was asked from, at the end. Whatever stands before the first that is no trusted
 * proxy's, the client may have made up.
 *
 * @param peer The address at the other end of the connection, if it is known.
 * @param headers `Forwarded` (RFC 7239) counts, and where there is none `X-Forwarded-For`.
 */
export function clientOf(
  peer: string | undefined,
  headers: Headers,
  trusts: TrustsProxy | undefined,
): string | undefined {
  if (peer === undefined || !trusts?.(peer)) return peer;
  const chain = forwardedFor(headers);
  let client = peer;
  while (chain.length > 0 && trusts(client)) client = chain.pop()!;
  return client;
}

/** As much of a header as is looked at, in characters, from its end: more proxies are in no row. */
const MOST_READ = 1024;

function forwardedFor(headers: Headers): string[] {
  const forwarded = headers.get("forwarded");
  const list = forwarded ?? headers.get("x-forwarded-for");
  if (list === null) return [];
  return list.slice(-MOST_READ).split(",").map((part) =>
    addressOf(forwarded === null ? part : /(?:^|;)\s*for=("[^"]*"|[^;]*)/i.exec(part)?.[1] ?? "")
  );
}

/** Without quotes, brackets and port: `"[2001:db8::1]:4711"`. */
function addressOf(text: string): string {
  const plain = text.trim().replaceAll('"', "");
  return /^\[(.*)\](?::\d+)?$/.exec(plain)?.[1] ?? plain.replace(/^([\d.]+):\d+$/, "$1");
}
