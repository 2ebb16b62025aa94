/** Whether an address is that of a proxy whose `Forwarded` or `X-Forwarded-For` header is trusted. */
export type TrustsProxy = (address: string) => boolean;

/**
 * Finds the client's address by `Forwarded` (RFC 7239), or else by `X-Forwarded-For`. Calls are grouped by it, so that
 * clients take turns.
 *
 * Each proxy adds at the end the address that it was asked from. The client may have made up what is before the last
 * address that is no trusted proxy's.
 *
 * @param peer The address at the other end of the connection, if it is known.
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

/** How many characters of a header are read, from its end. No chain of proxies is longer. */
const MOST_READ = 1024;

function forwardedFor(headers: Headers): string[] {
  const forwarded = headers.get("forwarded");
  const list = forwarded ?? headers.get("x-forwarded-for");
  if (list === null) return [];
  return list.slice(-MOST_READ).split(",").map((part) =>
    addressOf(forwarded === null ? part : /(?:^|;)\s*for=("[^"]*"|[^;]*)/i.exec(part)?.[1] ?? "")
  );
}

/** Removes quotes, brackets and port: `"[2001:db8::1]:4711"`. */
function addressOf(text: string): string {
  const plain = text.trim().replaceAll('"', "");
  return /^\[(.*)\](?::\d+)?$/.exec(plain)?.[1] ?? plain.replace(/^([\d.]+):\d+$/, "$1");
}
