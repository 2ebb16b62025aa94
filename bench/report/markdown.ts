/**
 * The results as Markdown: the targets first, met or missed, then a table for each case.
 *
 * @module
 */

import { type Case, CASES, type Target } from "../cases/mod.ts";
import { type Contender, CONTENDERS } from "../contenders/mod.ts";
import type { Machine } from "../runner/machine.ts";
import type { Run } from "../runner/raw.ts";
import { format, formatSummary, table, wrap } from "./format.ts";
import { judge, ranked, standing } from "./standings.ts";

/** Runs by the names of their cases. */
export type Runs = Readonly<Record<string, Run>>;

/** Writes the whole page. */
export function renderMarkdown(runs: Runs): string {
  const sections = Object.entries(CASES).flatMap(([id, subject]) =>
    runs[id] ? [renderCase(subject, runs[id])] : []
  );
  return `<!-- deno-fmt-ignore-file: made by bench/main.ts from raw/ -->

# Results

${wrap(INTRODUCTION)}
![Calls a second through each pool, and answers a second behind each server](chart.svg)

## Targets

${wrap(TARGETS)}
${renderTargets(runs)}
${sections.join("\n")}
## Machine

${renderMachines(runs)}`;
}

const INTRODUCTION =
  "Medians of all rounds, with the least and the greatest in brackets. Each trial is a process of its own; " +
  "rounds alternate between the contenders, every second one backwards. Numbers of different cases were " +
  "not measured at the same time: compare within a table only. In italics what is no rival but a limit: " +
  "it does less. [How to run it, and how it is made fair](../README.md).";

const TARGETS =
  "What this project set itself, before this campaign was written. A ratio is this project's value over the other's, " +
  "taken round by round; its median counts.";

/** The table of targets. */
export function renderTargets(runs: Runs): string {
  const rows = Object.entries(CASES).flatMap(([id, subject]) =>
    subject.metrics.flatMap((metric) => {
      const verdict = runs[id] && judge(runs[id], subject, metric);
      if (!verdict) return [];
      const { ours, against, bounded, isMet } = verdict;
      return [[
        `${subject.title}: ${metric.label}`,
        format(ours.median),
        against ? `${CONTENDERS[against.contender].name}: ${format(against.summary.median)}` : "",
        against ? `× ${formatSummary(bounded)}` : formatSummary(bounded),
        bound(metric.target!),
        isMet ? "met" : "**missed**",
      ]];
    })
  );
  return table([
    ["case", "this project", "against", "ratio or value", "target", ""],
    ...rows,
  ]);
}

function bound({ against, atLeast, atMost }: Target): string {
  const times = against ? "× " : "";
  return atLeast === undefined ? `≤ ${times}${atMost}` : `≥ ${times}${atLeast}`;
}

/** A case's section. */
export function renderCase(subject: Case, run: Run): string {
  const metrics = subject.metrics.filter((metric) =>
    run.samples.some(({ values }) => values[metric.key] !== undefined)
  );
  if (metrics.length === 0) return "";
  const rows = ranked(run, subject.contenders, metrics[0]).map(({ contender }) => {
    const { name, role, runtime, what }: Contender = CONTENDERS[contender];
    const mark = role === "ours" ? "**" : role === "limit" ? "_" : "";
    return [
      `${mark}${name}${mark}`,
      runtime,
      ...metrics.map((metric) => {
        const summary = standing(run, contender, metric);
        return summary ? formatSummary(summary) : "–";
      }),
      what,
    ];
  });
  const notes = [
    ...subject.notes,
    ...run.leftOut.map(({ contender, reason }) =>
      `${CONTENDERS[contender].name} was left out: ${reason}.`
    ),
  ];
  const rounds = Math.max(...run.samples.map(({ round }) => round));
  return `## ${subject.title}

${wrap(`${subject.what} ${rounds} rounds.`)}
${table([["", "on", ...metrics.map(({ label }) => label), "what"], ...rows])}
${notes.map((note) => wrap(note, "- ")).join("")}`;
}

/** What each case was run on, told once where it was the same. */
function renderMachines(runs: Runs): string {
  const all = new Map<string, string[]>();
  for (const id of Object.keys(CASES)) {
    if (!runs[id]) continue;
    const text = describe(runs[id].machine);
    all.set(text, [...all.get(text) ?? [], `${id} ${runs[id].machine.date.slice(11, 16)}`]);
  }
  return [...all].map(([text, cases]) =>
    wrap(`${text} Cases, and when they began: ${cases.join(", ")}.`)
  )
    .join("\n");
}

function describe({ date, commit, cpu, cores, memoryGiB, os, wrk, versions }: Machine): string {
  const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const load = wrk ? "wrk" : "this project's own client, for want of wrk";
  return `${
    date.slice(0, 10)
  } (UTC), commit ${commit}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}. ` +
    `${known}. Load was made by ${load}.`;
}
