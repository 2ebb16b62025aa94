/** The colours that the style sheet has for kinds of calls. */
export const SERIES = [
  "series-0",
  "series-1",
  "series-2",
  "series-3",
  "series-4",
  "series-5",
] as const;

/** The name of a colour that stands for a kind of calls. */
export type Series = (typeof SERIES)[number];

/**
 * @returns The colour of a kind, by its place among them. Where there are more kinds than colours, the last ones are
 * "several, or other work": two kinds of one colour could not be told apart.
 */
export function seriesAt(index: number): Series | "several" {
  return SERIES[index] ?? "several";
}
