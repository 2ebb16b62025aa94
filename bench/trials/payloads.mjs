// @ts-check
/**
 * Trial: what calls carry. Timed are calls with an argument or a result of some size, so many in flight. The first
 * part of each is not counted.
 *
 * `payloads.mjs <adapter> <size> <options> <in flight>` prints calls a second by kind.
 *
 * @module
 */

import { callsPerSecond, check, openPool, report, rest } from "./lanes.mjs";

const KB = 1024;
const lanes = Number(rest[0]);
const pool = await openPool();

/** What an API answers: nested, of texts and numbers, a good kilobyte as JSON. */
const OBJECT = {
  id: 17,
  name: "Ada Lovelace",
  tags: ["analytical", "engine", "notes"],
  orders: Array.from({ length: 12 }, (_, i) => ({
    id: 1_000 + i,
    item: `item number ${i}`,
    price: 9.99 + i,
    quantity: i % 3 + 1,
    paid: i % 2 === 0,
  })),
};
const COPIED = new Uint8Array(64 * KB);

/** @type {Record<string, (n: number) => Promise<void>>} */
const kinds = {
  increment: async (n) => check(await pool.call("increment", n), n + 1),
  object: async () => {
    const answer = /** @type {typeof OBJECT} */ (await pool.call("echo", OBJECT));
    check(answer.orders[11].id, 1_011);
  },
  copiedIn: async () => check(await pool.call("measure", COPIED), 64 * KB),
  movedIn: async () => {
    const bytes = new Uint8Array(64 * KB);
    check(await pool.call("measure", bytes, [bytes.buffer]), 64 * KB);
  },
  copiedOut: async () => checkLength(await pool.call("copy", KB * KB)),
  movedOut: async () => checkLength(await pool.call("give", KB * KB)),
};

/** @type {Record<string, number>} */
const values = {};
for (const [kind, call] of Object.entries(kinds)) {
  await callsPerSecond(lanes, 200, call);
  values[kind] = await callsPerSecond(lanes, 500, call);
}
report(values);

/** @param {unknown} answer */
function checkLength(answer) {
  check(/** @type {Uint8Array} */ (answer).length, KB * KB);
}
