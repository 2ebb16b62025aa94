/** The last sane host. Most services have one or two: they need not be parsed for each request. */
let lastSane: string | null = null;

/**
 * Whether a request's `Host` is a host. Deno copies `a b<>`, `x:99999` or `x/path?` to `request.url` as they are, where
 * `new URL` throws or takes them for a path. Without a `Host`, or with an empty one, Deno puts its own address there.
 */
export function isSaneHost(request: Request): boolean {
  const host = request.headers.get("host");
  if (!host || host === lastSane) return true;
  const sane = !/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`);
  if (sane) lastSane = host;
  return sane;
}
