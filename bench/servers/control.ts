/**
 * What an overloaded machine can do at all: workers with a plain queue, 64 calls at most, and the same answer for
 * whoever comes on top. It checks nothing, and makes nothing of a refusal: `PORT=… deno run servers/control.ts`.
 *
 * @module
 */

import { Hono } from "hono";
import { open } from "../contenders/pools/queued_comlink.ts";

/** Calls in the queue and at the workers. */
const MOST = 64;

const pool = await open(navigator.hardwareConcurrency, { window: 2 });
let taken = 0;
const app = new Hono()
  .get("/healthz", (c) => c.json({ status: "ok" }))
  .get("/:n{\\d+}", async (c) => {
    if (taken >= MOST) return c.text("busy", 503);
    taken++;
    try {
      return c.text(String(await pool.call("fibonacci", Number(c.req.param("n")))));
    } finally {
      taken--;
    }
  });
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")), onListen() {} }, app.fetch);
