/**
 * Checks histories that `deno task chaos --history FOLDER` has written:
 *
 *     deno run --allow-read bench/chaos/cluster/check.ts FOLDER/*.jsonl
 *
 * Exits with 1 if a call of them was not answered, or wrongly.
 *
 * @module
 */

import { check, ends, type Entry, latencyMs } from "./history.ts";

for (const path of Deno.args) {
  const lines = Deno.readTextFileSync(path).trim().split("\n");
  const history = lines.map((line): Entry => JSON.parse(line));
  const { asked, right, wrong, failed } = check(history);
  const [p50, p99, max] = [0.5, 0.99, 1].map((q) => latencyMs(history, q).toFixed(1));
  console.log(
    `${path}: ${asked} calls, ${right} right, ${wrong.length} wrong, ${failed.length} failed ` +
      `(${ends(failed) || "none"}); p50 ${p50}, p99 ${p99}, max ${max} ms`,
  );
  if (right < asked) Deno.exitCode = 1;
}
