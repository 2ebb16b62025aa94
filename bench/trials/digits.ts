/**
 * Trial: one thread, from n to the decimal digits of F(n).
 *
 * Timed are whole calls, each from the number to its digits in whatever form the contender makes them
 * (a string, bytes in ASCII), again and again for at least 0.3 s and three times, or once if one takes
 * longer than 2 s. The median counts. The first call is not counted, unless it is the only one.
 *
 * `digits.ts <contender> <n>` prints `{"ms", "answer"}`, the latter to compare contenders by: how many digits,
 * the first and the last.
 *
 * @module
 */

import { median } from "../runner/statistics.ts";

const LEAST_MS = 300;
const LEAST_CALLS = 3;
const LONG_MS = 2_000;

const [contender, n] = Deno.args;
const { digits }: { digits(n: number): string | Uint8Array } = await import(contender);

const times: number[] = [];
let answer = "";
const first = time();
if (first > LONG_MS) times.push(first);
else {
  for (let total = 0; total < LEAST_MS || times.length < LEAST_CALLS; total += times.at(-1)!) {
    times.push(time());
  }
}
console.log(JSON.stringify({ ms: median(times), answer }));

function time(): number {
  const begin = performance.now();
  const result = digits(Number(n));
  const ms = performance.now() - begin;
  const part = (from: number, to?: number) => {
    const slice = result.slice(from, to);
    return typeof slice === "string" ? slice : new TextDecoder().decode(slice);
  };
  answer = `${result.length} digits, ${part(0, 10)} to ${part(-10)}`;
  return ms;
}
