/**
 * Has an app answer HEAD with the length that it says, or with none. Hono leaves out the body of every answer to a HEAD,
 * and for none the runtime says `Content-Length: 0`: a lie, if a GET is answered with more. No middleware comes late
 * enough to mend that.
 *
 * @param fetch The app's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Hono } from "hono";
 * import { honestHead } from "./honest_head.ts";
 *
 * const app = new Hono().get("/", (c) => c.text("twelve bytes"));
 * await using server = Deno.serve({ port: 0, onListen() {} }, honestHead(app.fetch));
 * const response = await fetch(`http://localhost:${server.addr.port}/`, { method: "HEAD" });
 * assertEquals(response.headers.get("content-length"), null);
 * ```
 */
export function honestHead<Rest extends unknown[]>(
  fetch: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  return (request, ...rest) => {
    const response = fetch(request, ...rest);
    return response instanceof Promise
      ? response.then((response) => withoutLength(request, response))
      : withoutLength(request, response);
  };
}

/** Leaves out the length of an answer to a HEAD, if it does not say one. An empty stream has none that could be told. */
export function withoutLength(request: Request, response: Response): Response {
  if (request.method !== "HEAD" || response.status !== 200) return response;
  if (response.headers.has("content-length")) return response;
  return new Response(new Blob().stream(), response);
}
