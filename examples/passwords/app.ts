import { exitOnSignal, intQuery, offLoop, Problem } from "@off-the-loop/hono";
import { WorkerPool } from "@off-the-loop/pool";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Passwords } from "./worker.ts";

export const pool = new WorkerPool<Passwords>({
  spawn: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  maxQueue: 4,
});
export const work = offLoop(pool, { deadlineMs: 10_000 });

/** `scrypt:COST:SALT:KEY`, as `/hash` makes it. A cost above 17 would take more than 128 MB a worker. */
const HASH = /^scrypt:(1[0-7]):([0-9a-f]{32}):([0-9a-f]{64})$/;

const app = new Hono();
app.use(work, bodyLimit({ maxSize: 1024 }));
app.post("/hash", async (c) => {
  const cost = intQuery(c, "cost", { min: 10, max: 17, default: 15 });
  return c.text(`${await work.call(c, "hash", [await c.req.text(), cost])}\n`);
});
app.post("/verify", async (c) => {
  const [, cost, salt, key] = c.req.query("hash")?.match(HASH) ?? [];
  if (!key) throw new Problem(400, "bad-parameter", "hash must be what /hash has answered");
  return c.json({
    ok: await work.call(c, "verify", [await c.req.text(), Number(cost), salt, key]),
  });
});
app.route("/", work.operator());

exitOnSignal(() => work.drain().then(() => pool.close()));
export default app;
