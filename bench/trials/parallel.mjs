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

import { fibonacci } from "../contenders/work.mjs";
import { callsPerSecond, check, openPool, report, size } from "./lanes.mjs";

const N = 32;

const pool = await openPool();
const here = () => Promise.resolve(check(fibonacci(N), 2178309));
const there = async () => check(await pool.call("fibonacci", N), 2178309);

await callsPerSecond(1, 200, here);
const oneThread = await callsPerSecond(1, 800, here);
await callsPerSecond(2 * size, 200, there);
const pooled = await callsPerSecond(2 * size, 1200, there);
report({ efficiency: pooled / (size * oneThread), callsPerSecond: pooled });
