import { WorkerPool } from "../../../lib/pool/mod.ts";
import type { Open } from "../pool.ts";
import type { Api } from "./ours_worker.ts";

/** This project's pool. Only of calls that are declared pure may it answer several in one message. */
export const open: Open<{ pure: boolean }> = async (size, { pure }) => {
  const spawn = () => new Worker(new URL("./ours_worker.ts", import.meta.url), { type: "module" });
  const pool = new WorkerPool<Api>({ spawn, size });
  await pool.ready;
  return {
    increment: (n) => pool.call("increment", [n], { pure }),
    fibonacci: (n) => pool.call("fibonacci", [n], { pure }),
  };
};
