/**
 * Looks for a promise that the pool breaks, in as many simulated lives as there is time for, on every core.
 *
 * ```
 * deno task simulate [--seeds N] [--from S]
 * ```
 *
 * Prints the first seed that breaks one, the least that leads to it, and what happens there, step by step; exits
 * with 1 then. The same seed does the same again: `--from SEED --seeds 1`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { loadPool } from "./pool_under_test.ts";
import { type Finding, type Search, tell } from "./search.ts";

/** Seeds that a thread does before it asks for more. */
const AT_ONCE = 500;

/** Lines of what happens that are printed: the cause is near the end, and the settings come first. */
const MOST_LINES = 200;

const HELP = `deno task simulate [options]

  --seeds N   how many lives are simulated; default: 100000
  --from S    the first seed; default: 1`;

Deno.exit(await main());

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const begin = performance.now();
  const finding = await onAllCores(options);
  const seconds = ((performance.now() - begin) / 1000).toFixed();
  if (!finding) {
    console.log(`${options.seeds} seeds from ${options.from}: every promise kept, ${seconds} s`);
    return 0;
  }
  const { seed, fault, plan } = finding;
  console.log(`Seed ${seed}: ${fault}\n`);
  const lines = await tell(plan, await loadPool());
  console.log([lines[0], ...lines.slice(1).slice(-MOST_LINES)].join("\n"));
  console.log(`\nAgain: deno task simulate --from ${seed} --seeds 1`);
  return 1;
}

function readOptions(): Search | undefined {
  try {
    const { seeds, from, help } = parseArgs({
      options: {
        seeds: { type: "string", default: "100000" },
        from: { type: "string", default: "1" },
        help: { type: "boolean" },
      },
    }).values;
    if (help) {
      console.log(HELP);
      Deno.exit(0);
    }
    return { seeds: natural("--seeds", seeds), from: natural("--from", from) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
  }
}

function natural(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number: ${text}`);
  return Number(text);
}

/** @returns The finding with the least seed among those that were found at about the same time. */
async function onAllCores({ from, seeds }: Search): Promise<Finding | undefined> {
  let next = from;
  const findings: Finding[] = [];
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, async () => {
    const worker = new Worker(new URL("./simulate_worker.ts", import.meta.url), { type: "module" });
    while (findings.length === 0 && next < from + seeds) {
      const search: Search = { from: next, seeds: Math.min(AT_ONCE, from + seeds - next) };
      next += AT_ONCE;
      worker.postMessage(search);
      const { data } = await new Promise<MessageEvent<Finding | undefined>>((resolve) =>
        worker.addEventListener("message", resolve, { once: true })
      );
      if (data) findings.push(data);
      if (Deno.stderr.isTerminal()) {
        Deno.stderr.writeSync(new TextEncoder().encode(`\r${Math.min(next, from + seeds) - from}`));
      }
    }
    worker.terminate();
  }));
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode("\r"));
  return findings.sort((a, b) => a.seed - b.seed)[0];
}
