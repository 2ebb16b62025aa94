// @ts-check
/**
 * Trial: from which run time on a pool is worth it.
 *
 * - `breakEvenUs`: the run time of a call at which the pool answers as many a second as this thread does by itself,
 *   here, with 64 in flight: below it the pool serves less. Found between calls of 2 to 512 µs that keep a core busy.
 * - `mainUs`: what a trivial call takes of this thread's processor time, 64 in flight. With many cores it is the
 *   least run time that gains anything, and how long this thread is kept from other things by each call.
 * - `cores100Us`, `cores1Ms`, `cores10Ms`: how many cores this thread can keep busy with calls of that length. The
 *   workers sleep, as this machine does not have the cores: calls a second times the time of each.
 *
 * `break_even.mjs <adapter> <size> <options>` prints these.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { spin } from "../contenders/work.mjs";
import { callsPerSecond, check, openPool, report } from "./lanes.mjs";

const IN_FLIGHT = 64;
/** More workers than cores can be fed, and the length of their calls. */
const FED = { cores100Us: [16, 0.1], cores1Ms: [64, 1], cores10Ms: [256, 10] };

const pool = await openPool();
const values = { breakEvenUs: await breakEvenUs(), mainUs: await mainUs() };
/** @type {Record<string, number>} */
const fed = {};
for (const [key, [workers, ms]] of Object.entries(FED)) {
  const large = await openPool(workers);
  const call = async () => check(await large.call("sleep", ms), ms);
  await callsPerSecond(2 * workers, 300, call);
  fed[key] = await callsPerSecond(2 * workers, 700, call) * ms / 1000;
}
report({ ...values, ...fed });

/** @returns The run time at which both ways do as much, between the last that is lost and the first that is won. */
async function breakEvenUs() {
  let lost = { us: 0, ratio: 0 };
  for (let us = 2; us <= 512; us *= 2) {
    const ratio = await gain(us / 1000);
    // On a line between the two, in the logarithm of the run time.
    if (ratio >= 1) {
      const share = lost.us === 0 ? 1 : (1 - lost.ratio) / (ratio - lost.ratio);
      return us * 2 ** (share - 1);
    }
    lost = { us, ratio };
  }
}

/**
 * @param {number} ms
 * @returns How many times as much the pool does as this thread alone.
 */
async function gain(ms) {
  const there = async () => check(await pool.call("spin", ms), ms);
  const here = () => Promise.resolve(check(spin(ms), ms));
  await callsPerSecond(IN_FLIGHT, 100, there);
  const pooled = await callsPerSecond(IN_FLIGHT, 250, there);
  await callsPerSecond(1, 20, here);
  return pooled / await callsPerSecond(1, 100, here);
}

async function mainUs() {
  const increment = async (/** @type {number} */ n) =>
    check(await pool.call("increment", n), n + 1);
  await callsPerSecond(IN_FLIGHT, 250, increment);
  const before = cpuNs();
  if (before === undefined) return undefined;
  const calls = await callsPerSecond(IN_FLIGHT, 1000, increment);
  return (/** @type {number} */ (cpuNs()) - before) / 1000 / calls;
}

/** @returns Nanoseconds of processor time of this process's first thread: the event loop's. Linux only. */
function cpuNs() {
  try {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[0]);
  } catch {
    return undefined;
  }
}
