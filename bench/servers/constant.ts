/**
 * Answers everything alike, which is as fast as HTTP gets here:
 * `PORT=… deno run servers/constant.ts <with> <answer>`. `with` is `hono` or `deno`, for `Deno.serve` alone;
 * `answer` is a JSON object of `headers` and `body`.
 *
 * @module
 */

import { Hono } from "hono";

const [framework, answer] = Deno.args;
const { headers, body } = JSON.parse(answer);
/** Text, and headers that are set once the response is there: bytes, or an argument, cost more. */
const constant = () => {
  const response = new Response(body);
  for (const name in headers) response.headers.set(name, headers[name]);
  return response;
};
const handler = framework === "hono"
  ? new Hono().get("/healthz", constant).get("/:n{\\d+}", constant).fetch
  : constant;
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen() {} }, handler);
