/**
 * Runs the cases and writes their results: `deno task bench` the short run, `deno task bench:all` everything.
 *
 * ```
 * arguments → for each case: rounds of trials → raw/<case>.jsonl → README.md, chart.svg
 * ```
 *
 * @module
 */

import { parseArgs } from "node:util";
import { CASES } from "./cases/mod.ts";
import { renderChart } from "./report/chart.ts";
import { renderMarkdown, renderTargets, type Runs } from "./report/markdown.ts";
import { lookAtMachine, type Machine } from "./runner/machine.ts";
import { killAll, ROOT } from "./runner/process.ts";
import { fromLines, type Run, toLines } from "./runner/raw.ts";
import { runCase } from "./runner/run.ts";

const HELP = `deno task bench [options]

  --all          every case, with more rounds
  --only=CASES   some of ${Object.keys(CASES).join(",")}
  --rounds=N     how many rounds
  --more         add rounds to what is in DIR, of the same commit on the same machine
  --workers=N    workers of each pool; default: a core each
  --out=DIR      where results go; default: bench/out
  --report       measure nothing, write the results again from their raw lines`;

const options = readOptions();
if (options.help) {
  console.log(HELP);
  Deno.exit();
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    killAll();
    Deno.exit(130);
  });
}

const out = new URL(`${options.out}/`, ROOT);
const raw = (id: string) => new URL(`raw/${id}.jsonl`, out);
Deno.mkdirSync(new URL("raw/", out), { recursive: true });
if (!options.report) await measure();
const runs = Object.fromEntries(
  Object.keys(CASES).flatMap((id) => {
    const run = read(id);
    return run ? [[id, run]] : [];
  }),
) satisfies Runs;
Deno.writeTextFileSync(new URL("README.md", out), renderMarkdown(runs));
Deno.writeTextFileSync(new URL("chart.svg", out), renderChart(runs));
console.log(`${renderTargets(runs)}\nEverything is in ${options.out}/README.md`);
Deno.exit();

function readOptions() {
  try {
    return parseArgs({
      options: {
        all: { type: "boolean" },
        only: { type: "string" },
        rounds: { type: "string" },
        more: { type: "boolean" },
        workers: { type: "string" },
        out: { type: "string", default: "bench/out" },
        report: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    Deno.exit(2);
  }
}

async function measure(): Promise<void> {
  const machine = await lookAtMachine();
  const settings = {
    size: Number(options.workers ?? navigator.hardwareConcurrency),
    quick: !options.all,
    wrk: machine.wrk,
  };
  const only = options.only?.split(",");
  for (const [id, subject] of Object.entries(CASES)) {
    const byDefault = subject.rounds[settings.quick ? "quick" : "all"];
    if (only ? !only.includes(id) : byDefault === 0) continue;
    const rounds = Number(options.rounds ?? Math.max(1, byDefault));
    const tell = (text: string) => console.error(`${id}: ${text}`);
    const begun = options.more ? read(id) : undefined;
    if (begun) requireSame(begun.machine, machine);
    const run = begun ??
      { machine: { ...machine, date: new Date().toISOString() }, leftOut: [], samples: [] };
    for await (const longer of runCase(subject, run, { ...settings, rounds, tell })) {
      Deno.writeTextFileSync(raw(id), toLines(longer));
    }
  }
}

/** @throws {Error} If two runs can't be one. */
function requireSame({ date: _, ...one }: Machine, { date: __, ...other }: Machine): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) {
    throw new Error(`Not the same: ${JSON.stringify(one)} and now ${JSON.stringify(other)}`);
  }
}

function read(id: string): Run | undefined {
  try {
    return fromLines(Deno.readTextFileSync(raw(id)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
