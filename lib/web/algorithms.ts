import { ALGORITHM_NAMES, type AlgorithmName, ALGORITHMS } from "../fibonacci/mod.ts";

/** The colours that the style sheet has for algorithms, by name. Where there are more algorithms, some share one. */
export const SERIES = ["series-0", "series-1", "series-2", "series-3"] as const;

/** The name of a colour that stands for an algorithm. */
export type Series = (typeof SERIES)[number];

/** @returns The colour of an algorithm. */
export function seriesOf(algorithm: AlgorithmName): Series {
  return SERIES[ALGORITHM_NAMES.indexOf(algorithm) % SERIES.length];
}

/** @returns What people read for an algorithm. */
export function labelOf(algorithm: AlgorithmName): string {
  return ALGORITHMS[algorithm].label;
}
