import type * as pool from "../../lib/pool/mod.ts";
import type * as errors from "../../lib/pool/errors.ts";
import type * as protocol from "../../lib/pool/sending/protocol.ts";
import type * as worker from "../../lib/pool/worker.ts";

/** What the simulation uses of a pool: its two doors, and what a busy thread looks at. */
export interface PoolUnderTest {
  readonly WorkerPool: typeof pool.WorkerPool;
  readonly serve: typeof worker.serve;
  readonly current: typeof worker.current;
  readonly transfer: typeof worker.transfer;
  /** What a call is unwound with; it never reaches a caller. */
  readonly StoppedError: typeof errors.StoppedError;
  readonly Cell: typeof protocol.Cell;
}

/** Loads the pool from a folder: the project's own, or a mutant's. */
export async function loadPool(
  folder: URL = new URL("../../lib/pool/", import.meta.url),
): Promise<PoolUnderTest> {
  const load = (name: string) => import(new URL(name, folder).href);
  const [{ WorkerPool }, { serve, current, transfer }, { StoppedError }, { Cell }] = await Promise
    .all([
      load("mod.ts"),
      load("worker.ts"),
      load("errors.ts"),
      load("sending/protocol.ts"),
    ]);
  return { WorkerPool, serve, current, transfer, StoppedError, Cell };
}
