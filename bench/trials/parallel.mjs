// @ts-check
/**
 * Trial: how much of all cores gets through a pool, on Deno and Node alike.
 *
 * Timed is naive F(32), first on this thread, then through the pool with two calls in flight a worker.
 * `efficiency` is the pool's rate over `size` times this thread's, in one process: the runtimes' engines
 * differ, and that is not what is compared here.
 *
 * `parallel.mjs <adapter> <size> <options>` prints `{"efficiency", "callsPerSecond"}`.
 *
 * @module
 */

import process from "node:process";
import { fibonacci } from "../contenders/work.mjs";

const N = 32;

const [adapter, size, options] = process.argv.slice(2);
const { open } = await import(adapter);
/** @type {import("../contenders/pool.ts").Pool} */
const pool = await open(Number(size), JSON.parse(options));
const here = (/** @type {number} */ n) => Promise.resolve(fibonacci(n));

await callsPerSecond(here, 1, 200);
const oneThread = await callsPerSecond(here, 1, 800);
await callsPerSecond(pool.fibonacci, 2 * Number(size), 200);
const pooled = await callsPerSecond(pool.fibonacci, 2 * Number(size), 1200);
console.log(
  JSON.stringify({ efficiency: pooled / (Number(size) * oneThread), callsPerSecond: pooled }),
);
process.exit(0);

/**
 * Counts whole calls: from the first one's start to the last one's end.
 *
 * @param {(n: number) => Promise<number>} call
 * @param {number} lanes
 * @param {number} ms
 */
async function callsPerSecond(call, lanes, ms) {
  const begin = performance.now();
  let end = begin;
  let calls = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (end - begin < ms) {
      if (await call(N) !== 2178309) throw new Error("Wrong answer");
      calls++;
      end = performance.now();
    }
  }));
  return calls / (end - begin) * 1000;
}
