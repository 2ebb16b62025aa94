import { WorkerPool } from "../../../lib/pool/mod.ts";
import type { Open } from "../pool.ts";
import type { Api } from "./ours_worker.ts";

/** What is varied of this project's pool. */
export interface Options {
  /** Only of calls that are declared pure may it answer several in one message. */
  readonly pure: boolean;
  /** Whether calls that keep a worker for as long as their argument says tell it beforehand. */
  readonly estimated?: boolean;
}

/** This project's pool. */
export const open: Open<Options> = async (size, { pure, estimated = false }) => {
  const spawn = () => new Worker(new URL("./ours_worker.ts", import.meta.url), { type: "module" });
  const pool = new WorkerPool<Api>({ spawn, size });
  await pool.ready;
  return {
    call: (method, argument, transfer) =>
      pool.call(method, [argument as never], {
        pure,
        transfer,
        estimateMs: estimated && method === "spin" ? argument as number : undefined,
      }),
  };
};
