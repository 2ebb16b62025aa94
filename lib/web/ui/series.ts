/** The colours that the style sheet has for kinds of calls. */
export const SERIES = ["series-0", "series-1", "series-2", "series-3"] as const;

/** The name of a colour that stands for a kind of calls. */
export type Series = (typeof SERIES)[number];

/** @returns The colour of a kind, by its place among them. Where there are more than colours, some share one. */
export function seriesAt(index: number): Series {
  return SERIES[index % SERIES.length];
}
