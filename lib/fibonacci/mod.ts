/**
 * What is computed: Fibonacci numbers as decimal digits, by several algorithms, and what each will cost.
 * Synchronous; runs wherever there is a `BigInt`, and faster where there is WebAssembly.
 *
 * @module
 */

export type { Algorithm } from "./algorithm.ts";
export { calibrate } from "./calibrate.ts";
export type { Checkpoint } from "./checkpoint.ts";
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
