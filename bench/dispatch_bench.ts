/**
 * The inner loop of dispatch, for whoever works on the pool: the contenders of the case `dispatch` that run on
 * Deno without being installed, all in one process. Quick, and good to see what a change does; to compare,
 * `deno task bench`.
 *
 * Timed are 64 calls, one after the other or all at once.
 *
 * @module
 */

import type { Pool } from "./contenders/pool.ts";
import * as comlink from "./contenders/pools/comlink.ts";
import * as ours from "./contenders/pools/ours.ts";
import * as raw from "./contenders/pools/raw_messages.ts";

const SIZE = navigator.hardwareConcurrency;
const CALLS = 64;

const pools: Record<string, Pool> = {
  "bare Comlink": await comlink.open(SIZE),
  "raw messages": await raw.open(SIZE),
  "pool": await ours.open(SIZE, { pure: false }),
  "pool, pure calls": await ours.open(SIZE, { pure: true }),
};

for (const [name, pool] of Object.entries(pools)) {
  const baseline = name === "bare Comlink";
  Deno.bench({
    name,
    baseline,
    group: "1 in flight",
    async fn() {
      for (let n = 0; n < CALLS; n++) await pool.call("increment", n);
    },
  });
  Deno.bench({
    name,
    baseline,
    group: "64 in flight",
    async fn() {
      await Promise.all(Array.from({ length: CALLS }, (_, n) => pool.call("increment", n)));
    },
  });
}
