/**
 * Trial: what grows with the number of waiting calls. One worker sleeps; so many calls wait behind it.
 *
 * `depth.ts <calls>` prints processor time of the pool's thread by call, in microseconds: `enqueueUs` to make a call
 * that has a signal and a deadline, `cancelUs` to abort it while it waits, `expireUs` to have its deadline pass, where
 * deadlines are a fifth of a millisecond apart.
 *
 * @module
 */

import { WorkerPool } from "../../lib/pool/mod.ts";
import type { Api } from "../contenders/pools/ours_worker.ts";
import { cpuUs } from "./cpu.ts";

const ASLEEP_MS = 60_000;
const SOON_MS = 100;
const APART_MS = 0.2;
const LEAST_CALLS = 1_000;

const calls = Number(Deno.args[0]);
const worker = new URL("../contenders/pools/ours_worker.ts", import.meta.url);
const pool = new WorkerPool<Api>({
  size: 1,
  maxQueue: calls,
  spawn: () => new Worker(worker, { type: "module" }),
});
await pool.ready;
pool.call("sleep", [ASLEEP_MS]).catch(() => {});

// Few calls, many times: what one round takes would be lost in the kernel's own rounding.
const rounds = Math.max(1, Math.round(LEAST_CALLS / calls));
await round(); // For the engine.
const sums = { enqueueUs: 0, cancelUs: 0, expireUs: 0 };
for (let i = 0; i < rounds; i++) {
  const { enqueueUs, cancelUs, expireUs } = await round();
  sums.enqueueUs += enqueueUs / rounds;
  sums.cancelUs += cancelUs / rounds;
  sums.expireUs += expireUs / rounds;
}
console.log(JSON.stringify(sums));
Deno.exit();

async function round() {
  const controllers = Array.from({ length: calls }, () => new AbortController());
  const begin = await cpuUs();
  const waiting = controllers.map(({ signal }) =>
    pool.call("increment", [1], { signal, estimateMs: 0, deadlineMs: ASLEEP_MS })
  );
  const settled = Promise.allSettled(waiting);
  const enqueued = await cpuUs();
  // In no order that a queue could profit from, and the same each time.
  for (let i = 0; i < calls; i++) controllers[i * 7_919 % calls].abort();
  await settled;
  const cancelled = await cpuUs();
  const expiring = Array.from(
    { length: calls },
    (_, i) => pool.call("increment", [1], { estimateMs: 0, deadlineMs: SOON_MS + i * APART_MS }),
  );
  const ending = Promise.allSettled(expiring);
  const made = await cpuUs();
  const ends = await ending;
  const expired = await cpuUs();
  if (ends.some(({ status }) => status === "fulfilled")) throw new Error("A call was answered");
  return {
    enqueueUs: (enqueued - begin) / calls,
    cancelUs: (cancelled - enqueued) / calls,
    expireUs: (expired - made) / calls,
  };
}
