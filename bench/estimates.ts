/**
 * Shows how good the cost estimates are on this machine: `deno run bench/estimates.ts`. Each call is
 * timed over at most 0.3 s and its fastest round counts, as the estimate is that of an idle machine.
 *
 * @module
 */

import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  calibrate,
  estimateMs,
  fibonacci,
  loadKernels,
} from "../lib/fibonacci/mod.ts";

/** Sizes to measure. An algorithm without any is measured at its `probeN`. */
const CASES: Partial<Record<AlgorithmName, number[]>> = {
  naive: [22, 25, 28, 31, 34],
  iterative: [10_000, 30_000, 100_000, 200_000, 300_000],
  "fast-doubling": [1e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 3e7, 1e8],
};
const ROUNDS_MS = 300;

function measureMs(n: number, algorithm: AlgorithmName): number {
  const begin = performance.now();
  let last = begin;
  let fastestMs = Infinity;
  do {
    fibonacci(n, algorithm);
    const now = performance.now();
    fastestMs = Math.min(fastestMs, now - last);
    last = now;
  } while (last - begin < ROUNDS_MS);
  return fastestMs;
}

await loadKernels();
const begin = performance.now();
const speed = calibrate();
console.log(`calibrated in ${(performance.now() - begin).toFixed(1)} ms`, speed);

console.table(
  ALGORITHM_NAMES.flatMap((algorithm) =>
    (CASES[algorithm] ?? [ALGORITHMS[algorithm].probeN]).map((n) => {
      const estimate = estimateMs(n, algorithm, speed);
      const measured = measureMs(n, algorithm);
      return {
        algorithm,
        n,
        "estimate ms": +estimate.toPrecision(3),
        "measured ms": +measured.toPrecision(3),
        "estimate / measured": +(estimate / measured).toFixed(2),
      };
    })
  ),
);
