/**
 * Makes an app answer HEAD with the length that it sets itself, or with none. Hono removes the body of an answer to HEAD.
 * The runtime then says `Content-Length: 0`, which is wrong if GET has a body. No middleware runs late enough to correct
 * it.
 *
 * @param fetch The app's.
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

/** Keeps the runtime from adding a length to an answer to HEAD: an empty stream has none that it could know. */
export function withoutLength(request: Request, response: Response): Response {
  if (request.method !== "HEAD" || response.status !== 200) return response;
  if (response.headers.has("content-length")) return response;
  return new Response(new Blob().stream(), response);
}
