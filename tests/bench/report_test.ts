import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Case } from "../../bench/cases/mod.ts";
import type { ContenderId } from "../../bench/contenders/mod.ts";
import { renderChart } from "../../bench/report/chart.ts";
import { formatSummary, wrap } from "../../bench/report/format.ts";
import { renderCase, renderMarkdown } from "../../bench/report/markdown.ts";
import { judge, ranked } from "../../bench/report/standings.ts";
import { parseWrk } from "../../bench/runner/load.ts";
import { fromLines, type Run, toLines } from "../../bench/runner/raw.ts";

const subject: Case = {
  title: "Speed",
  what: "What is timed.",
  notes: ["A note."],
  metrics: [
    { key: "rate", label: "calls/s", better: "higher", target: { against: "peers", atLeast: 2 } },
    { key: "ms", label: "ms", better: "lower", target: { against: "gmp", atMost: 0.5 } },
    { key: "MiB", label: "MiB", better: "lower", target: { atMost: 120 } },
  ],
  contenders: ["ours", "comlink", "piscina", "raw", "gmp", "tornado"],
  rounds: { quick: 1, all: 3 },
  trial: () => Promise.reject(new Error("Not here")),
};

/** A run with these values of `rate`, one a round. */
function runOf(rates: Partial<Record<ContenderId, number[]>>): Run {
  return {
    machine: {
      date: "2026-11-22T12:00:00.000Z",
      commit: "abc",
      cpu: "CPU",
      cores: 2,
      memoryGiB: 8,
      os: "linux",
      wrk: true,
      versions: { Deno: "2" },
    },
    leftOut: [{ contender: "tornado", reason: "Python has no `tornado`" }],
    samples: Object.entries(rates).flatMap(([contender, values]) =>
      values.map((rate, i) => ({
        round: i + 1,
        contender: contender as ContenderId,
        values: { rate, ms: 1 / rate, MiB: 100 + rate },
      }))
    ),
  };
}

Deno.test("judge() compares with the best peer, whatever limits do", () => {
  const run = runOf({ ours: [21], comlink: [7], piscina: [10], raw: [50] });
  const verdict = judge(run, subject, subject.metrics[0])!;
  assertEquals(verdict.against?.contender, "piscina");
  assertEquals(verdict.bounded.median, 2.1);
  assert(verdict.isMet);
});

Deno.test("judge() takes ratios round by round", () => {
  // The machine was half as fast in the second round: medians alone would say 3.
  const run = runOf({ ours: [60, 30, 30], comlink: [20, 10, 20] });
  const { bounded } = judge(run, subject, subject.metrics[0])!;
  assertEquals(bounded, { median: 3, min: 1.5, max: 3 });
});

Deno.test("judge() says what is missed, whichever way is better", () => {
  const run = runOf({ ours: [15], comlink: [10], gmp: [10] });
  const verdicts = subject.metrics.map((metric) => judge(run, subject, metric)?.isMet);
  assertEquals(verdicts, [false, false, true]);
});

Deno.test("judge() says nothing where somebody is missing", () => {
  assertEquals(judge(runOf({ ours: [1] }), subject, subject.metrics[0]), undefined);
  assertEquals(judge(runOf({ comlink: [1] }), subject, subject.metrics[0]), undefined);
});

Deno.test("ranked() has the best first, by the way of the metric", () => {
  const run = runOf({ ours: [5], comlink: [9], raw: [7] });
  for (const metric of subject.metrics.slice(0, 2)) {
    const order = ranked(run, subject.contenders, metric).map(({ contender }) => contender);
    assertEquals(order, ["comlink", "raw", "ours"]);
  }
});

Deno.test("renderCase() shows who was left out, and why", () => {
  const text = renderCase(subject, runOf({ ours: [1000, 1200, 1100], raw: [2000, 1, 3000] }));
  assertStringIncludes(text, "| **this project** | Deno | 1,100 (1,000–1,200) |");
  assertStringIncludes(text, "| _raw messages_   |");
  assertStringIncludes(text, "- Tornado was left out: Python has no `tornado`.");
});

Deno.test("renderMarkdown() and renderChart() take whatever cases there are", () => {
  assertStringIncludes(renderMarkdown({}), "# Results");
  const runs = { dispatch: runOf({ ours: [1] }) };
  assert(!renderMarkdown(runs).includes("undefined"));
  assertStringIncludes(renderChart({}), "</svg>");
});

Deno.test("raw lines are read as they were written", () => {
  const run = runOf({ ours: [1, 2], raw: [3] });
  assertEquals(fromLines(toLines(run)), run);
});

Deno.test("parseWrk() reads the rate, and takes no errors", () => {
  assertEquals(parseWrk("  80 requests in 2.00s\nRequests/sec:  40.12\nTransfer/sec: 1KB"), 40.12);
  const bad = "  Non-2xx or 3xx responses: 12\nRequests/sec:  40.12";
  assertThrows(() => parseWrk(bad), Error, "Non-2xx or 3xx responses: 12");
});

Deno.test("format: three digits, and lines of 100 characters at most", () => {
  assertEquals(
    formatSummary({ median: 123456, min: 0.01234, max: 98.76 }),
    "123,000 (0.0123–98.8)",
  );
  const lines = wrap("word ".repeat(60).trim(), "- ").trimEnd().split("\n");
  assert(lines.every((line) => line.length <= 100));
  assertEquals(lines.map((line) => line.slice(0, 3)), ["- w", "  w", "  w", "  w"]);
});
