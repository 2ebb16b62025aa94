/**
 * The chart: horizontal bars, one panel a question. Plain SVG with its own style sheet, so that it is legible
 * on a light page and on a dark one.
 *
 * @module
 */

import { type Case, CASES, type Metric } from "../cases/mod.ts";
import { type Contender, CONTENDERS } from "../contenders/mod.ts";
import type { Run } from "../runner/raw.ts";
import { format } from "./format.ts";
import { ranked } from "./standings.ts";

/** What is drawn: a case, and its first metric. */
const PANELS = ["day", "sizes", "http-1"];

const WIDTH = 800;
const LABELS = 320;
const VALUES = 90;
const ROW = 24;
const BAR = 14;
const HEAD = 44;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .head { font-weight: 600; }
  .bar { fill: #8c959f; }
  .ours .bar { fill: #0969da; }
  .ours text { font-weight: 600; }
  .limit .bar { fill: none; stroke: #8c959f; stroke-dasharray: 3 2; }
  .limit text { font-style: italic; }
  .range { stroke: #1f2328; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .ours .bar { fill: #4493f8; }
    .limit .bar { stroke: #8b949e; }
    .range { stroke: #e6edf3; }
  }
`;

/** Draws what there is of {@linkcode PANELS}. */
export function renderChart(runs: Readonly<Record<string, Run>>): string {
  let top = 0;
  const alt: string[] = [];
  const panels = PANELS.flatMap((id) => {
    if (!runs[id]) return [];
    const panel = renderPanel(CASES[id], runs[id], top);
    top += panel.height;
    alt.push(panel.alt);
    return [panel.svg];
  });
  return `<!-- deno-fmt-ignore-file: made by bench/main.ts from raw/ -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-labelledby="alt">
<title id="alt">${escape(alt.join(" "))}</title>
<style>${STYLE}</style>
${panels.join("\n")}
</svg>
`;
}

function renderPanel(subject: Case, run: Run, top: number) {
  const [metric] = subject.metrics;
  const bars = ranked(run, subject.contenders, metric);
  const greatest = Math.max(...bars.map(({ summary }) => summary.max));
  const scale = (value: number) => round(value / greatest * (WIDTH - LABELS - VALUES));
  const rows = bars.map(({ contender, summary: { median, min, max } }, i) => {
    const { name, role, runtime }: Contender = CONTENDERS[contender];
    const y = top + HEAD + i * ROW;
    const text = y + BAR - 2;
    return `<g class="${role}">` +
      `<text x="${LABELS - 8}" y="${text}" text-anchor="end">${
        escape(`${name} · ${runtime}`)
      }</text>` +
      `<rect class="bar" x="${LABELS}" y="${y}" width="${scale(median)}" height="${BAR}"/>` +
      `<path class="range" d="M${LABELS + scale(min)} ${y + BAR / 2}H${LABELS + scale(max)}"/>` +
      `<text x="${LABELS + scale(max) + 8}" y="${text}">${format(median)}</text></g>`;
  });
  const title = titleOf(subject, metric);
  const values = bars.map(({ contender, summary }) =>
    `${CONTENDERS[contender].name} ${format(summary.median)}`
  );
  return {
    svg: [`<text class="head" x="0" y="${top + HEAD - 20}">${escape(title)}</text>`, ...rows].join(
      "\n",
    ),
    height: HEAD + bars.length * ROW,
    alt: `${title}: ${values.join(", ")}.`,
  };
}

function titleOf({ title }: Case, { label, better }: Metric): string {
  return `${title}: ${label.replaceAll("`", "")} (${better} is better)`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
