/**
 * What follows from a run: each contender's median and range, and whether targets are met.
 *
 * @module
 */

import type { Case, Metric } from "../cases/mod.ts";
import { type ContenderId, CONTENDERS } from "../contenders/mod.ts";
import type { Run } from "../runner/raw.ts";
import { summarize, type Summary } from "../runner/statistics.ts";

/** A contender's values of one metric, by round. */
function byRound(run: Run, contender: ContenderId, { key }: Metric): Map<number, number> {
  return new Map(
    run.samples
      .filter((sample) => sample.contender === contender)
      .flatMap(({ round, values }) => values[key] === undefined ? [] : [[round, values[key]]]),
  );
}

/** @returns A contender's median and range; `undefined` if there are no values. */
export function standing(run: Run, contender: ContenderId, metric: Metric): Summary | undefined {
  const values = [...byRound(run, contender, metric).values()];
  return values.length > 0 ? summarize(values) : undefined;
}

/** @returns The contenders with values of a metric, the best first. */
export function ranked(run: Run, contenders: readonly ContenderId[], metric: Metric) {
  const sign = metric.better === "higher" ? -1 : 1;
  return contenders
    .flatMap((contender) => {
      const summary = standing(run, contender, metric);
      return summary ? [{ contender, summary }] : [];
    })
    .toSorted((a, b) => sign * (a.summary.median - b.summary.median));
}

/** How a target turned out. */
export interface Verdict {
  /** The first of `ours`. */
  readonly ours: Summary;
  /** Whom it was compared with, if anybody. */
  readonly against?: { readonly contender: ContenderId; readonly summary: Summary };
  /** What the target bounds: the ratio to theirs, round by round, or else the value. */
  readonly bounded: Summary;
  readonly isMet: boolean;
}

/** @returns How a metric's target turned out; `undefined` if it has none or somebody is missing. */
export function judge(run: Run, subject: Case, metric: Metric): Verdict | undefined {
  const { target } = metric;
  const [us] = subject.contenders;
  const ours = standing(run, us, metric);
  if (!target || !ours) return undefined;
  const met = (value: number) =>
    value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
  if (target.against === undefined) return { ours, bounded: ours, isMet: met(ours.median) };

  const rivals = target.against === "peers"
    ? subject.contenders.filter((id) => CONTENDERS[id].role === "peer")
    : [target.against];
  const [against] = ranked(run, rivals, metric);
  if (!against) return undefined;
  const theirs = byRound(run, against.contender, metric);
  const ratios = [...byRound(run, us, metric)].flatMap(([round, value]) =>
    theirs.has(round) ? [value / theirs.get(round)!] : []
  );
  const bounded = summarize(ratios);
  return { ours, against, bounded, isMet: met(bounded.median) };
}
