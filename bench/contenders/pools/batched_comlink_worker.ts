import * as Comlink from "comlink";
import type { Port } from "../../../lib/pool/worker.ts";
import * as work from "../work.mjs";

/** One call of a batch. */
export type Call = [method: keyof typeof work, n: number];

/** Runs a batch of calls. */
export type Run = (calls: Call[]) => number[];

const run: Run = (calls) => calls.map(([method, n]) => work[method](n));

Comlink.expose(run);
(globalThis as unknown as Port).postMessage("ready");
