import type { Port } from "../../../lib/pool/worker.ts";
import * as work from "../work.mjs";

/** One call as a message: an id to find its promise by, what to do, and with what. */
export type Message = [id: number, method: keyof typeof work, n: number];

const port = globalThis as unknown as Port;
port.addEventListener("message", ({ data }) => {
  const [id, method, n] = data as Message;
  port.postMessage([id, work[method](n)]);
});
port.postMessage("ready");
