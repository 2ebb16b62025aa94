/**
 * Fibonacci as work: what its workers serve, what a number takes, and what its digits are.
 *
 * @module
 */

export type { FibonacciApi } from "./api.ts";
export { type Estimator, estimator } from "./estimator.ts";
export type { Coding, Digits, FibonacciJob } from "./job.ts";
export { surround } from "./surround.ts";
export {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  digitCount,
  isAlgorithmName,
  type MachineSpeed,
} from "../fibonacci/mod.ts";
