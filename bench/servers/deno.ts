/**
 * A pool behind Hono, as anybody would write it who has both: `PORT=… deno run servers/deno.ts <adapter> <size>
 * <options>`. It checks nothing, refuses nothing, and sets no header of its own.
 *
 * @module
 */

import { Hono } from "hono";
import type { Open } from "../contenders/pool.ts";

const [adapter, size, options] = Deno.args;
const starting = import(adapter).then(({ open }: { open: Open<unknown> }) =>
  open(Number(size), JSON.parse(options))
);
const app = new Hono()
  .get("/healthz", (c) => c.json({ status: "ok" }))
  .get("/:n{\\d+}", async (c) => {
    const pool = await starting;
    return c.text(String(await pool.call("fibonacci", Number(c.req.param("n")))));
  });
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen() {} }, app.fetch);
