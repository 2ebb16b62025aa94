import * as Comlink from "comlink";
import type { Port } from "../../../lib/pool/worker.ts";
import * as work from "../work.mjs";

/** What the workers of {@linkcode import("./comlink.ts")} offer. */
export type Api = typeof work;

const give: typeof work.give = (length) => {
  const bytes = work.give(length);
  return Comlink.transfer(bytes, [bytes.buffer]);
};

Comlink.expose({ ...work, give });
(globalThis as unknown as Port).postMessage("ready");
