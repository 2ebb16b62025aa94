// @ts-check
/**
 * Trial: calls that are worth sending away: naive F(21), F(26) and F(30), 64 of them in flight. The first part of
 * each is not counted.
 *
 * `sizes.mjs <adapter> <size> <options>` prints calls a second by n.
 *
 * @module
 */

import { callsPerSecond, check, openPool, report } from "./lanes.mjs";

const ANSWERS = { 21: 10_946, 26: 121_393, 30: 832_040 };

const pool = await openPool();
/** @type {Record<string, number>} */
const values = {};
for (const [n, answer] of Object.entries(ANSWERS)) {
  const call = async () => check(await pool.call("fibonacci", Number(n)), answer);
  await callsPerSecond(64, 200, call);
  values[n] = await callsPerSecond(64, 700, call);
}
report(values);
