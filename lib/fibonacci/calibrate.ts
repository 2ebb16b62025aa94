import { estimateMs, type MachineSpeed } from "./estimate.ts";
import { fibonacci } from "./fibonacci.ts";
import { ALGORITHM_NAMES, ALGORITHMS, forEachAlgorithm } from "./table.ts";

/**
 * How long to measure, in milliseconds: some forty rounds. The first half warms up the JIT. After 25 ms the probe of fast
 * doubling takes three times as long as in the end, after 60 ms 1.4 times. Less might also lie within a neighbour's
 * burst; more would delay the start.
 */
const ROUNDS_MS = 60;

/** The least number of rounds on a busy machine: the first ones are cold, and an interruption may fill all the time. */
const MIN_ROUNDS = 8;

/** The shortest time of a probe: a coarse clock may see none pass. */
const MIN_PROBE_MS = 0.05;

/**
 * Measures this machine, for {@linkcode estimateMs}. Blocks the thread for 60 to 65 ms, longer on a very slow or busy
 * machine: for eight rounds, which take 2 ms each on the reference machine. Call {@linkcode loadKernels} before.
 */
export function calibrate(): MachineSpeed {
  const fastestMs = forEachAlgorithm(() => Infinity);
  const begin = performance.now();
  let last = begin;
  // All algorithms in each round: only a disturbance that lasts the whole time can change the result.
  for (let round = 0; round < MIN_ROUNDS || last - begin < ROUNDS_MS; round++) {
    for (const name of ALGORITHM_NAMES) {
      fibonacci(ALGORITHMS[name].probeN, name);
      const now = performance.now();
      // Noise only slows a probe down: the fastest one is nearest to the truth.
      fastestMs[name] = Math.min(fastestMs[name], now - last);
      last = now;
    }
  }

  return forEachAlgorithm((name) =>
    estimateMs(ALGORITHMS[name].probeN, name) / Math.max(fastestMs[name], MIN_PROBE_MS)
  );
}
