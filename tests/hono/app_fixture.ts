import { Hono } from "hono";
import { type Log, offLoop, type OffLoopOptions } from "../../lib/hono/mod.ts";
import { type HeldApi, HeldBackend } from "../pool/held_backend.ts";

/** An app whose route `/f/:n` answers with what the held method comes to. */
export function fixture(options: OffLoopOptions<HeldApi> = {}) {
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const at = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) =>
    void lines.push({ level, message, fields });
  const log: Log = { debug: at("debug"), warning: at("warning"), error: at("error") };
  const backend = new HeldBackend();
  const work = offLoop<HeldApi>(backend, { deadlineMs: 5_000, log, ...options });
  const app = new Hono();
  app.use(work);
  app.get(
    "/f/:n{[0-9]+}",
    async (c) => c.text(String(await work.call(c, "f", [Number(c.req.param("n"))]))),
  );
  app.route("/ops", work.operator());
  const get = async (path: string, headers?: HeadersInit, init?: RequestInit) =>
    await app.request(path, { headers, ...init });
  return { app, backend, get, lines, work };
}

/** Has the first call fail, and reads the answer. */
export async function failing(error: unknown, options?: OffLoopOptions<HeldApi>) {
  const self = fixture(options);
  const response = self.get("/f/7", { "x-request-id": "id-7" });
  (await self.backend.at(0)).fail(error);
  return { ...self, response: await response };
}
