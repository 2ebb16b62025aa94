/**
 * Whatever can answer a Fibonacci job, behind one function type. The HTTP side knows this and nothing
 * below it.
 *
 * @module
 */

export type { FibonacciApi } from "./api.ts";
export type {
  Coding,
  Compute,
  ComputeOptions,
  Digits,
  Encoding,
  FibonacciJob,
  FibonacciResult,
} from "./compute.ts";
export * from "./errors.ts";
export { type Estimator, estimator } from "./estimator.ts";
export { over } from "./over.ts";
export { surround } from "./surround.ts";
export { Histogram, type HistogramSnapshot, quantile } from "../pool/histogram.ts";
export type { PoolStats, SlotState } from "../pool/mod.ts";
export {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  DEFAULT_ALGORITHM,
  digitCount,
  isAlgorithmName,
  type MachineSpeed,
} from "../fibonacci/mod.ts";
