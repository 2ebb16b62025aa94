import * as Comlink from "comlink";
import type { Port } from "../../../lib/pool/worker.ts";
import type { Method } from "../pool.ts";
import * as work from "../work.mjs";

/** One call of a batch. */
export type Call = [method: Method, argument: unknown];

/** Runs a batch of calls. */
export type Run = (calls: Call[]) => unknown[];

const run: Run = (calls) => calls.map(([method, argument]) => work[method](argument as never));

Comlink.expose(run);
(globalThis as unknown as Port).postMessage("ready");
