/**
 * What is computed: Fibonacci numbers as decimal digits, by three algorithms, and what each will cost.
 * Synchronous; runs wherever there is a `BigInt`, and faster where there is WebAssembly.
 *
 * @module
 */

export {
  type Algorithm,
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  isAlgorithmName,
} from "./algorithms.ts";
export { calibrate } from "./calibrate.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { digitCount } from "./digit_count.ts";
export { estimateMs, type MachineSpeed, REFERENCE_SPEED } from "./estimate.ts";
export { corrections } from "./fast_doubling.ts";
export { fibonacci } from "./fibonacci.ts";
