/**
 * Fibonacci as work: the methods of its workers, and estimates of how long they take.
 *
 * @module
 */

export type { FibonacciApi } from "./api.ts";
export { type Estimator, estimator } from "./estimator.ts";
export { type Coding, type Digits, type FibonacciJob, surround } from "./job.ts";
export {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  digitCount,
  isAlgorithmName,
  type MachineSpeed,
} from "../fibonacci/mod.ts";
