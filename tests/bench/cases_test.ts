/** The cases and their contenders fit together, and the committed results are those of their raw lines. */

import { assert, assertEquals } from "@std/assert";
import { CASES } from "../../bench/cases/mod.ts";
import { type Contender, CONTENDERS } from "../../bench/contenders/mod.ts";
import { renderChart } from "../../bench/report/chart.ts";
import { renderMarkdown } from "../../bench/report/markdown.ts";
import { fromLines } from "../../bench/runner/raw.ts";
import { testWith } from "../permissions.ts";

const bench = new URL("../../bench/", import.meta.url);
const reads = [{ name: "read", path: new URL("../../", import.meta.url) }] as const;

/** What a contender must have to take part in a case. */
const ASKED: Record<string, "pool" | "digits" | "server" | "program"> = {
  day: "pool",
  sizes: "pool",
  "payloads-8": "pool",
  "payloads-64": "pool",
  dispatch: "pool",
  "break-even": "pool",
  parallel: "pool",
  scale: "program",
  depth: "program",
  digits: "digits",
  "http-1": "server",
  "http-20": "server",
  "http-25": "server",
  cached: "server",
  busy: "server",
  stall: "server",
  start: "server",
  watched: "server",
  page: "server",
};

Deno.test.each(Object.keys(CASES))("every contender of the case %s can take part", (id) => {
  const { contenders, metrics } = CASES[id];
  for (const contender of contenders) {
    const { [ASKED[id]]: adapter }: Contender = CONTENDERS[contender];
    assert(adapter, `${contender} has no ${ASKED[id]}`);
  }
  assertEquals(new Set(contenders).size, contenders.length);
  const [us] = contenders;
  assertEquals(CONTENDERS[us].role, "ours");
  for (const { target } of metrics) {
    if (!target) continue;
    assert((target.atLeast === undefined) !== (target.atMost === undefined));
    const { against = "peers" } = target;
    assert(against === "peers" || contenders.includes(against), `${against} takes no part`);
  }
});

Deno.test("every contender takes part in something", () => {
  const taking = new Set(Object.values(CASES).flatMap(({ contenders }) => contenders));
  assertEquals(Object.keys(CONTENDERS).filter((id) => !taking.has(id as never)), []);
});

testWith(reads, "every adapter of a contender is there", () => {
  for (
    const { pool, digits, server, program, needs = [] } of Object.values<Contender>(CONTENDERS)
  ) {
    // Looks for a Python to run it.
    const { args } = needs.includes("tornado") || !server ? { args: [] } : server(2);
    const files = [...args, ...program?.args ?? []].filter((arg) =>
      /^(file:|\/).*\.\w+$/.test(arg)
    );
    for (const file of [pool?.module, digits, ...files]) {
      if (file) assert(Deno.statSync(new URL(file, bench)).isFile, file);
    }
  }
});

testWith(reads, "the committed results are those of their raw lines", () => {
  const results = new URL("results/", bench);
  const read = (path: string) => Deno.readTextFileSync(new URL(path, results));
  const runs = Object.fromEntries(
    [...Deno.readDirSync(new URL("raw/", results))].map(({ name }) => [
      name.replace(".jsonl", ""),
      fromLines(read(`raw/${name}`)),
    ]),
  );
  const again = "deno task bench --report --out=bench/results";
  assert(read("README.md") === renderMarkdown(runs), again);
  assert(read("chart.svg") === renderChart(runs), again);
});
