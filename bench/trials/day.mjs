// @ts-check
/**
 * Trial: an ordinary day. Calls come at random moments, whether or not earlier ones are answered, and keep the workers
 * busy for 60 % of the time. Nine of ten take 2 ms, one takes 60. A latency counts from the moment at which its call
 * should have been made.
 *
 * `day.mjs <adapter> <size> <options> <seconds> <seed>` prints `{"p50Ms", "p99Ms", "longP50Ms"}`.
 *
 * @module
 */

import { openPool, report, rest, size } from "./lanes.mjs";

const LOAD = 0.6;
const SHORT_MS = 2;
const LONG_MS = 60;
const LONG_SHARE = 0.1;

const [seconds, seed] = rest.map(Number);
const random = makeRandom(seed);
const meanMs = SHORT_MS * (1 - LONG_SHARE) + LONG_MS * LONG_SHARE;
const everyMs = meanMs / size / LOAD;

const pool = await openPool();
// Pools that learn have seen both.
for (const ms of [SHORT_MS, LONG_MS, SHORT_MS, SHORT_MS]) await pool.call("spin", ms);

/** @type {Record<number, number[]>} */
const latencies = { [SHORT_MS]: [], [LONG_MS]: [] };
/** @type {Promise<void>[]} */
const calls = [];
const begin = performance.now();
for (let at = 0; at < seconds * 1000; at += Math.log(1 / (1 - random())) * everyMs) {
  const waitMs = begin + at - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  calls.push(call(random() < LONG_SHARE ? LONG_MS : SHORT_MS, begin + at));
}
await Promise.all(calls);
report({
  p50Ms: quantile(latencies[SHORT_MS], 0.5),
  p99Ms: quantile(latencies[SHORT_MS], 0.99),
  longP50Ms: quantile(latencies[LONG_MS], 0.5),
});

/**
 * @param {number} ms
 * @param {number} intendedAt
 */
async function call(ms, intendedAt) {
  await pool.call("spin", ms);
  latencies[ms].push(performance.now() - intendedAt);
}

/**
 * @param {number[]} values
 * @param {number} q
 */
function quantile(values, q) {
  values.sort((a, b) => a - b);
  return values[Math.ceil(q * values.length) - 1];
}

/**
 * The same numbers in each runtime: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 *
 * @param {number} state
 */
function makeRandom(state) {
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
