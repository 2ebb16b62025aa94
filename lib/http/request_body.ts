/**
 * Nothing here takes a body. Deno reads one that nobody wants to its end, at a gigabyte a second if the client likes.
 *
 * @module
 */

import { Problem } from "../hono/problem.ts";
import type { AppExchange } from "./exchange.ts";

/** As much of a body as is read: few clients would learn of an answer if their connection was cut at once. */
const MOST_BYTES = 65_536;

/** Whether a request has a body. Deno shows none of GET and HEAD, and one of all others. */
export function hasBody({ headers }: Request): boolean {
  const length = headers.get("content-length");
  return (length !== null && length !== "0") || headers.has("transfer-encoding");
}

/** Methods whose answers may have a status that goes with no body, which could then not be cut. */
const TAKES_NO_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** @throws {Problem} 400, if a request has a body that it may not have. */
export function requireNoBody({ request: { method }, hasBody }: AppExchange): void {
  if (hasBody && TAKES_NO_BODY.has(method)) {
    throw new Problem(400, "unexpected-body", `${method} takes no body`);
  }
}

/**
 * Whether the connection may not go on as it is when a request is answered: it has a body, or what comes behind it is
 * no request.
 */
export function needsCutting({ request: { method }, hasBody }: AppExchange): boolean {
  return hasBody || method === "CONNECT";
}

/**
 * Answers a request whose connection may not go on: the answer comes first, then its body is read to the end if that is
 * near; else the connection is cut.
 */
export function cutting({ request }: AppExchange, response: Response): Response {
  const answer = response.body?.getReader();
  const body = request.body?.getReader();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await answer?.read();
      if (part?.value) return controller.enqueue(part.value);
      if (await isOver(request, body)) return controller.close();
      // The one way to have Deno close a connection. It prints the reason to stderr: a word is enough.
      controller.error("connection cut");
    },
  }, { highWaterMark: 0 });
  const headers = new Headers(response.headers);
  // With it, Deno takes the answer for done, and reads on.
  headers.delete("content-length");
  return new Response(stream, { status: response.status, headers });
}

/** Whether a request has come to its end, or is about to. */
async function isOver(
  { method, headers }: Request,
  body: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<boolean> {
  if (method === "CONNECT") return false;
  if (body) return await endsSoon(body);
  return !headers.has("transfer-encoding") && Number(headers.get("content-length")) <= MOST_BYTES;
}

async function endsSoon(body: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
  for (let read = 0; read <= MOST_BYTES;) {
    const { value, done } = await body.read();
    if (done) return true;
    read += value.length;
  }
  // As long as somebody could read on, the connection would stay.
  body.cancel().catch(() => {});
  return false;
}
