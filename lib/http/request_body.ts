import { Problem } from "../hono/problem.ts";

/**
 * How much of a body is read. No path takes one, and Deno would read it to its end, at a gigabyte a second if the client
 * sends that. If the connection was cut at once, few clients would see the answer.
 */
const MOST_BYTES = 65_536;

/** Answers to these may have a status without a body. Such an answer could not be cut. */
const TAKES_NO_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request's connection can't go on as it is after the answer: the request has a body, or what follows it is no
 * request. By the headers: Deno shows no body of a GET, and one of every POST.
 */
export function needsCutting({ method, headers }: Request): boolean {
  const length = headers.get("content-length");
  return (length !== null && length !== "0") || headers.has("transfer-encoding") ||
    method === "CONNECT";
}

/** @throws {Problem} 400, if a request that {@linkcode needsCutting} may not have a body. */
export function requireNoBody({ method }: Request): void {
  if (TAKES_NO_BODY.has(method)) {
    throw new Problem(400, "unexpected-body", `${method} takes no body`);
  }
}

/**
 * Answers a request that {@linkcode needsCutting}: the answer comes first. Then the body is read to its end if that is
 * near, or the connection is cut.
 */
export async function cutting(
  request: Request,
  whole: Response | Promise<Response>,
): Promise<Response> {
  const response = await whole;
  const answer = response.body?.getReader();
  const body = request.body?.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await answer?.read();
      if (part?.value) return controller.enqueue(part.value);
      if (await isOver(request, body)) return controller.close();
      // An error is the only way to close a connection. Deno prints it to stderr, so it is short.
      controller.error("connection cut");
    },
  }, { highWaterMark: 0 });
  const headers = new Headers(response.headers);
  // With a length, Deno takes the answer for complete, and reads the body.
  headers.delete("content-length");
  return new Response(stream, { status: response.status, headers });
}

/** Whether a request has ended, or ends soon. */
async function isOver(
  { method, headers }: Request,
  body: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<boolean> {
  if (method === "CONNECT") return false;
  if (!body) {
    return !headers.has("transfer-encoding") && Number(headers.get("content-length")) <= MOST_BYTES;
  }
  for (let read = 0; read <= MOST_BYTES;) {
    const { value, done } = await body.read();
    if (done) return true;
    read += value.length;
  }
  // As long as the body could be read, the connection would stay open.
  body.cancel().catch(() => {});
  return false;
}
