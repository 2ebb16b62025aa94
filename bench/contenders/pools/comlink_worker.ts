import * as Comlink from "comlink";
import type { Port } from "../../../lib/pool/worker.ts";
import { fibonacci, increment } from "../work.mjs";

/** What the worker of {@linkcode import("./comlink.ts")} offers. */
export type Api = { increment: typeof increment; fibonacci: typeof fibonacci };

Comlink.expose({ increment, fibonacci });
(globalThis as unknown as Port).postMessage("ready");
