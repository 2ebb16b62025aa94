// @ts-check
/**
 * Trial: what it takes to get a trivial call to a worker and back, without HTTP, on Deno and Node alike.
 *
 * Timed are calls, each made as soon as the one before it in its lane has answered: 64 lanes, then a single
 * one. A lane checks every answer. The first part of each is not counted.
 *
 * `dispatch.mjs <adapter> <size> <options>` prints `{"callsPerSecond", "aloneUs"}`.
 *
 * @module
 */

import process from "node:process";

const IN_FLIGHT = 64;

const [adapter, size, options] = process.argv.slice(2);
const { open } = await import(adapter);
/** @type {import("../contenders/pool.ts").Pool} */
const pool = await open(Number(size), JSON.parse(options));

await callsPerSecond(IN_FLIGHT, 250);
const many = await callsPerSecond(IN_FLIGHT, 600);
await callsPerSecond(1, 100);
const alone = await callsPerSecond(1, 300);
console.log(JSON.stringify({ callsPerSecond: many, aloneUs: 1e6 / alone }));
process.exit(0);

/**
 * @param {number} lanes
 * @param {number} ms
 */
async function callsPerSecond(lanes, ms) {
  const begin = performance.now();
  let end = begin;
  let calls = 0;
  await Promise.all(Array.from({ length: lanes }, async (_, n) => {
    while (end - begin < ms) {
      const answer = await pool.increment(n);
      if (answer !== n + 1) throw new Error(`${n} + 1 is not ${answer}`);
      n++;
      calls++;
      end = performance.now();
    }
  }));
  return calls / (end - begin) * 1000;
}
