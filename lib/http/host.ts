/** The last host found sane. Most services have one or two: this spares parsing it for each request. */
let lastSane: string | null = null;

/**
 * Tells whether a request's `Host` is one: `a b<>`, `x:99999` or `x/path?` would end up in
 * `request.url` as they are, where `new URL` throws or takes the host for a part of the path. A missing or
 * empty one is fine; Deno puts its own address there.
 */
export function isSaneHost(request: Request): boolean {
  const host = request.headers.get("host");
  if (!host || host === lastSane) return true;
  const sane = !/[/?#@\\]/.test(host) && URL.canParse(`http://${host}`);
  if (sane) lastSane = host;
  return sane;
}
