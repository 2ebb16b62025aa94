import { estimateMs, type MachineSpeed } from "./estimate.ts";
import { fibonacci } from "./fibonacci.ts";
import { ALGORITHM_NAMES, ALGORITHMS, forEachAlgorithm } from "./table.ts";

/**
 * Milliseconds of rounds, some forty of them. The first half warms up the JIT, which has most to do for fast
 * doubling: after 25 ms its probe still takes three times as long as in the end, after 60 ms 1.4 times, and
 * more would delay the start by as much. Fewer might not get past a neighbour's burst either.
 */
const ROUNDS_MS = 60;

/** However busy the machine is: a round or two are cold, and an interruption may fill the whole time. */
const MIN_ROUNDS = 8;

/** No probe counts as faster than this: a clock that ticks coarsely may see no time pass at all. */
const MIN_PROBE_MS = 0.05;

/**
 * Measures this machine, for {@linkcode estimateMs}. Blocks the thread for 60 to 65 ms; for
 * longer on a machine that is very slow or busy: eight rounds of 2 ms on the reference machine. What it measures is
 * true as long as kernels stay what they are: {@linkcode loadKernels} comes first.
 *
 * @example
 * ```ts
 * import { assertGreater } from "@std/assert";
 * import { calibrate, estimateMs, loadKernels } from "./mod.ts";
 *
 * await loadKernels();
 * const speed = calibrate();
 * const additionsMs = estimateMs(1_000_000, "iterative", speed);
 * const doublingsMs = estimateMs(1_000_000, "fast-doubling", speed);
 * assertGreater(additionsMs, doublingsMs);
 * ```
 */
export function calibrate(): MachineSpeed {
  const fastestMs = forEachAlgorithm(() => Infinity);
  const begin = performance.now();
  let last = begin;
  // All of them in each round, so that a disturbance has to last the whole time to reach the result.
  for (let round = 0; round < MIN_ROUNDS || last - begin < ROUNDS_MS; round++) {
    for (const name of ALGORITHM_NAMES) {
      fibonacci(ALGORITHMS[name].probeN, name);
      const now = performance.now();
      // Noise only ever slows a probe down: the fastest is the nearest to the truth.
      fastestMs[name] = Math.min(fastestMs[name], now - last);
      last = now;
    }
  }

  return forEachAlgorithm((name) =>
    estimateMs(ALGORITHMS[name].probeN, name) / Math.max(fastestMs[name], MIN_PROBE_MS)
  );
}
