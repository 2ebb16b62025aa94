/**
 * A pool behind `node:http`: `PORT=… node peers/server.mjs <adapter> <size> <options>`. Without a framework, as
 * this is the fastest there is on Node: Hono on `@hono/node-server` took an eighth off.
 *
 * @module
 */

import { createServer } from "node:http";
import process from "node:process";

const [adapter, size, options] = process.argv.slice(2);
const starting = import(adapter).then(({ open }) => open(Number(size), JSON.parse(options)));

/** What is answered to a path, always with 200: nobody asks for anything else. */
async function answer(path) {
  if (path === "/healthz") return `{"status":"ok"}`;
  const pool = await starting;
  return String(await pool.call("fibonacci", Number(path.slice(1))));
}

createServer(async (request, response) => {
  const body = await answer(request.url);
  response.writeHead(200, {
    "content-type": "text/plain; charset=UTF-8",
    "content-length": body.length,
  });
  response.end(body);
}).listen(Number(process.env.PORT), "127.0.0.1");
