/**
 * Sends large answers in two ways that suggest themselves: `PORT=… deno run servers/large.ts <way>`.
 *
 * - `formatted`: the worker's bigint is cloned to here and written out here.
 * - `transferred`: the worker writes it out, and the buffer is moved here and sent as it is.
 *
 * @module
 */

import * as Comlink from "comlink";
import { Hono } from "hono";
import type { Api } from "./large_worker.ts";

const [way] = Deno.args;
const worker = new Worker(new URL("./large_worker.ts", import.meta.url), { type: "module" });
const { bigint, bytes } = Comlink.wrap<Api>(worker);

const app = new Hono()
  .get("/healthz", (c) => c.json({ status: "ok" }))
  .get("/:n{\\d+}", async (c) => {
    const n = Number(c.req.param("n"));
    const body = way === "formatted" ? String(await bigint(n)) : await bytes(n);
    return new Response(body, { headers: { "content-type": "text/plain" } });
  });
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen() {} }, app.fetch);
