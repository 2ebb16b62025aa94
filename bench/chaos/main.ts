/**
 * Lets storms loose on the real service, and tells how it weathers them: `deno task chaos`.
 *
 * ```
 * scenario ─► starts the service ─► open-loop driver ─► a row of its table
 * ```
 *
 * Everything that comes at random follows the seed. Exits with 1 if the service did what it never may.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { table } from "../report/format.ts";
import { lookAtMachine } from "../runner/machine.ts";
import { killAll } from "../runner/process.ts";
import { cancels } from "./cancels.ts";
import { kills, killsMixed } from "./cluster/kills.ts";
import { refusals } from "./cluster/refusals.ts";
import { rolling } from "./cluster/rolling.ts";
import { shards } from "./cluster/shards.ts";
import { slowHeaders } from "./cluster/slow_headers.ts";
import { deaths } from "./deaths.ts";
import { mixed } from "./mixed.ts";
import { flood } from "./flood.ts";
import { heavy, hogs, large } from "./neighbours.ts";
import { overload } from "./overload.ts";
import { makeRandom } from "./random.ts";
import { Broken, type Row, type Scenario } from "./scenario.ts";
import { stops } from "./stops.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  overload,
  heavy,
  hogs,
  large,
  flood,
  cancels,
  deaths,
  stops,
  mixed,
  kills,
  "kills-mixed": killsMixed,
  rolling,
  "slow-headers": slowHeaders,
  shards,
  refusals,
};

const HELP = `deno task chaos [options]

  --only NAMES   some of ${Object.keys(SCENARIOS).join(",")}
  --seconds N    how long each part of a scenario takes; default: 8
  --seed S       of all that comes at random; default: another each time
  --histories F  a folder for what clients of several instances saw; bench/chaos/cluster/check.ts checks it`;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    killAll();
    Deno.exit(130);
  });
}
Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const { names, ...settings } = options;
  const { wrk } = await lookAtMachine();
  let broken = 0;
  for (const name of names) {
    const { what, needs, run } = SCENARIOS[name];
    const { seed } = settings;
    console.log(`\n## ${name}, seed ${seed}\n\n${what}\n`);
    if (needs !== undefined && !isInstalled(needs)) {
      console.log(`Left out: ${needs} is not installed.\n`);
      continue;
    }
    const rows: Row[] = [];
    try {
      const random = makeRandom(seed);
      for await (const row of run({ ...settings, random, wrk })) {
        rows.push(row);
        console.error(`${name}: ${JSON.stringify(row)}`);
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      broken++;
      console.log(`**Broken: ${error.message}.**\n`);
    }
    if (rows.length > 0) console.log(render(rows));
  }
  return broken > 0 ? 1 : 0;
}

function isInstalled(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["-v"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function render(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return table([
    columns,
    ...rows.map((row) => columns.map((column) => String(row[column] ?? ""))),
  ]);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string" },
        seconds: { type: "string", default: "8" },
        seed: { type: "string" },
        histories: { type: "string" },
        help: { type: "boolean" },
      },
    });
    if (values.help) {
      console.log(HELP);
      Deno.exit(0);
    }
    const names = values.only?.split(",") ?? Object.keys(SCENARIOS);
    const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name));
    if (unknown !== undefined) throw new Error(`--only knows no "${unknown}"`);
    const seconds = Number(values.seconds);
    if (!(seconds > 0 && seconds <= 3_600)) {
      throw new Error(`--seconds takes a number up to 3600: ${values.seconds}`);
    }
    const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
    if (!Number.isInteger(seed)) throw new Error(`--seed takes a whole number: ${values.seed}`);
    return { names, seconds, seed, histories: values.histories };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
  }
}
