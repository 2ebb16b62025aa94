import { exitOnSignal, intQuery, offLoop, Problem } from "@off-the-loop/hono";
import { WorkerPool } from "@off-the-loop/pool";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Progress } from "./worker.ts";

export const pool = new WorkerPool<Progress>({
  spawn: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  maxQueue: 4,
});
export const work = offLoop(pool, {
  deadlineMs: 60_000,
  problemOf: (error) =>
    error instanceof Error && "code" in error && String(error.code).startsWith("CSV_")
      ? new Problem(422, "bad-csv", error.message)
      : undefined,
});
const page = await Deno.readTextFile(new URL("./page.html", import.meta.url));

const app = new Hono();
app.use(work);
app.get("/", (c) => c.html(page));
app.get("/count", (c) => {
  const below = intQuery(c, "below", { max: 100_000_000 });
  return work.stream(c, work.reports(c, "countPrimes", [below]), { as: "sse" });
});
app.post("/csv", bodyLimit({ maxSize: 50_000_000 }), async (c) => {
  const file = await c.req.arrayBuffer();
  const reports = work.reports(c, "sumColumns", [file], { transfer: [file] });
  return work.stream(c, reports, { as: "sse" });
});
app.route("/", work.operator());

exitOnSignal(() => work.drain().then(() => pool.close()));
export default app;
