import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  ALGORITHMS,
  isAlgorithmName,
} from "../fibonacci/mod.ts";
import type { Kinds } from "./machine/kinds.ts";

/** @returns What people read for an algorithm. */
export function labelOf(algorithm: AlgorithmName): string {
  return ALGORITHMS[algorithm].label;
}

/** Calls are told apart by their algorithm, which is a word of their tag. */
export const BY_ALGORITHM: Kinds = {
  known: ALGORITHM_NAMES.map((name) => [name, labelOf(name)]),
  of: ({ tag }) => tag?.split(" ").find(isAlgorithmName) ?? null,
  // The n, unless there are several.
  brief: ({ tag }) => tag?.split(" ")[0],
};
