// @ts-check
/**
 * Trial: what it takes to get a trivial call to a worker and back, without HTTP: with 64 of them in flight, then
 * with one. The first part of each is not counted.
 *
 * `dispatch.mjs <adapter> <size> <options>` prints `{"callsPerSecond", "aloneUs"}`.
 *
 * @module
 */

import { callsPerSecond, check, openPool, report } from "./lanes.mjs";

const IN_FLIGHT = 64;

const pool = await openPool();
const increment = async (/** @type {number} */ n) => check(await pool.call("increment", n), n + 1);

await callsPerSecond(IN_FLIGHT, 250, increment);
const many = await callsPerSecond(IN_FLIGHT, 600, increment);
await callsPerSecond(1, 100, increment);
const alone = await callsPerSecond(1, 300, increment);
report({ callsPerSecond: many, aloneUs: 1e6 / alone });
