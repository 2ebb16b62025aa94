// @ts-check
/**
 * What the trials about pools have in common, on Deno and Node alike.
 *
 * @module
 */

import process from "node:process";

/** @typedef {import("../contenders/pool.ts").Pool} Pool */

/** The arguments of every trial: `<adapter> <size> <options> [more…]`. */
const [adapter, sizeText, options, ...more] = process.argv.slice(2);

/** How many workers are asked for. */
export const size = Number(sizeText);

/** What a trial is told besides. */
export const rest = more;

/**
 * Opens the contender's pool.
 *
 * @param {number} workers
 * @returns {Promise<Pool>}
 */
export async function openPool(workers = size) {
  const { open } = await import(adapter);
  return open(workers, JSON.parse(options));
}

/**
 * Makes calls for so long, each as soon as the one before it in its lane has answered, and counts those that
 * have answered.
 *
 * @param {number} lanes
 * @param {number} ms
 * @param {(n: number) => Promise<void>} call Told the number of its lane plus that of the call; checks the answer.
 */
export async function callsPerSecond(lanes, ms, call) {
  const begin = performance.now();
  let end = begin;
  let calls = 0;
  await Promise.all(Array.from({ length: lanes }, async (_, n) => {
    while (end - begin < ms) {
      await call(n++);
      calls++;
      end = performance.now();
    }
  }));
  return calls / (end - begin) * 1000;
}

/**
 * Fails if an answer is wrong.
 *
 * @param {unknown} answer
 * @param {unknown} expected
 */
export function check(answer, expected) {
  if (answer !== expected) throw new Error(`The answer is ${answer}, not ${expected}`);
}

/**
 * Prints what was measured, and ends: there is no way to close most pools.
 *
 * @param {Record<string, number | undefined>} values
 */
export function report(values) {
  console.log(JSON.stringify(values));
  process.exit(0);
}
