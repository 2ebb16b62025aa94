import { exitOnSignal, intQuery, offLoop, Problem } from "@off-the-loop/hono";
import { WorkerPool } from "@off-the-loop/pool";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Thumbnails } from "./worker.ts";

/** Unpacked it takes four bytes a pixel, in a file of any size. */
const MAX_PIXELS = 16_000_000;

export const pool = new WorkerPool<Thumbnails>({
  spawn: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  maxQueue: 8,
  // The longest step that can't be interrupted takes less, and so no cancelled call costs its worker.
  cancelGraceMs: 5_000,
});
export const work = offLoop(pool, {
  deadlineMs: 10_000,
  estimate: { thumbnail: (png) => pixelsOf(png) / 3_000 },
  problemOf: (error) =>
    error instanceof DOMException && error.name === "EncodingError"
      ? new Problem(422, "bad-image", error.message)
      : undefined,
});

/** What a PNG says it comes to when it is unpacked; 0 if it says nothing. */
function pixelsOf(png: ArrayBuffer): number {
  if (png.byteLength < 24) return 0;
  const header = new DataView(png);
  return header.getUint32(16) * header.getUint32(20);
}

const app = new Hono();
app.use(work);
app.post("/thumbnail", bodyLimit({ maxSize: 8_000_000 }), async (c) => {
  const width = intQuery(c, "width", { min: 1, max: 1024, default: 128 });
  const png = await c.req.arrayBuffer();
  if (pixelsOf(png) > MAX_PIXELS) {
    throw new Problem(422, "too-many-pixels", `An image may have ${MAX_PIXELS} pixels`);
  }
  const thumbnail = await work.call(c, "thumbnail", [png, width], { transfer: [png] });
  return c.body(thumbnail, 200, { "content-type": "image/png" });
});
app.route("/", work.operator());

exitOnSignal(() => work.drain().then(() => pool.close()));
export default app;
