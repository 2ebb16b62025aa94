import type { Port } from "../../../lib/pool/worker.ts";
import type { Method } from "../pool.ts";
import * as work from "../work.mjs";

/** One call as a message: an id to find its promise by, what to do, and with what. */
export type Message = [id: number, method: Method, argument: unknown];

const port = globalThis as unknown as Port;
port.addEventListener("message", ({ data }) => {
  const [id, method, argument] = data as Message;
  const value = work[method](argument as never);
  if (method === "give") {
    port.postMessage([id, value], [(value as unknown as Uint8Array<ArrayBuffer>).buffer]);
  } else port.postMessage([id, value]);
});
port.postMessage("ready");
