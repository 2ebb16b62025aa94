/**
 * Fibonacci numbers as decimal digits, by several algorithms, and estimates of their cost. Synchronous. Runs wherever
 * there is `BigInt`, and faster with WebAssembly.
 *
 * @module
 */

export type { Algorithm, Checkpoint } from "./algorithm.ts";
export { calibrate } from "./calibrate.ts";
export { digitCount } from "./digit_count.ts";
export { estimateMs, type MachineSpeed, REFERENCE_SPEED } from "./estimate.ts";
export { fibonacci } from "./fibonacci.ts";
export {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  isAlgorithmName,
  loadKernels,
} from "./table.ts";
