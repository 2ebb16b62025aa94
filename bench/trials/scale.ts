/**
 * Trial: what grows with the number of workers. They are idle or asleep: what is timed is the pool's own thread.
 *
 * `scale.ts <size>` prints `{"callUs", "statsUs", "startMs", "closeMs"}`: processor time of this thread for a trivial
 * call, 64 in flight; for a snapshot; and the time from the pool's construction until every worker is ready, and from
 * `close()` until none is left.
 *
 * @module
 */

import { WorkerPool } from "../../lib/pool/mod.ts";
import type { Api } from "../contenders/pools/ours_worker.ts";
import { cpuUs } from "./cpu.ts";

const IN_FLIGHT = 64;
const CALLS = 20_000;
const SNAPSHOTS = 2_000;

const size = Number(Deno.args[0]);
const worker = new URL("../contenders/pools/ours_worker.ts", import.meta.url);
const begin = performance.now();
const pool = new WorkerPool<Api>({ size, spawn: () => new Worker(worker, { type: "module" }) });
await pool.ready;
const startMs = performance.now() - begin;

await makeCalls();
const callUs = await timed(makeCalls) / CALLS;
takeSnapshots();
const statsUs = await timed(takeSnapshots) / SNAPSHOTS;

const closing = performance.now();
await pool.close();
const closeMs = performance.now() - closing;
console.log(JSON.stringify({ callUs, statsUs, startMs, closeMs }));
Deno.exit();

async function makeCalls(): Promise<void> {
  let left = CALLS;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (left-- > 0) await pool.call("increment", [1], { pure: true });
  }));
}

function takeSnapshots(): void {
  for (let i = 0; i < SNAPSHOTS; i++) pool.stats();
}

async function timed(run: () => void | Promise<void>): Promise<number> {
  const before = await cpuUs();
  await run();
  return await cpuUs() - before;
}
