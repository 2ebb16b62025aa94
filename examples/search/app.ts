import { exitOnSignal, offLoop, Problem, textQuery } from "@off-the-loop/hono";
import { WorkerPool } from "@off-the-loop/pool";
import { cached } from "@off-the-loop/pool/cached";
import { Hono } from "hono";
import type { Article, Search } from "./worker.ts";

const folder = new URL("./articles/", import.meta.url);
const articles: Article[] = [];
for await (const { name } of Deno.readDir(folder)) {
  const text = await Deno.readTextFile(new URL(name, folder));
  articles.push({ id: name.replace(".md", ""), text });
}

export const pool = new WorkerPool<Search>({
  spawn: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  setup: { method: "load", args: [articles] },
  maxQueue: 32,
});
const backend = cached(pool, { maxBytes: 16_000_000 });
export const work = offLoop(backend, { deadlineMs: 2_000, pure: ["render"] });

const app = new Hono();
app.use(work);
app.get(
  "/search",
  async (c) => c.json(await work.call(c, "find", [textQuery(c, "q", { max: 100 })])),
);
app.get("/articles/:id", (c) => {
  const id = c.req.param("id");
  if (!articles.some((article) => article.id === id)) {
    throw new Problem(404, "no-article", "There is no such article");
  }
  return work.answer(c, "render", [id], { type: "text/html; charset=utf-8", compress: true });
});
app.route("/", work.operator());

exitOnSignal(() => work.drain().then(() => pool.close()));
export default app;
