/**
 * What a run was run on: all that somebody needs to judge whether a number is surprising.
 *
 * @module
 */

import { cpus, release, totalmem } from "node:os";
import { pythonWithTornado } from "../contenders/commands.ts";
import { nodeVersion } from "./needs.ts";
import { output, ROOT } from "./process.ts";

/** The first raw line of a case. */
export interface Machine {
  /** When it began, in UTC. */
  readonly date: string;
  /** The last commit to what is measured, with a `+` if something had been changed since. */
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  /** Whether wrk made the load, or this project's own client. */
  readonly wrk: boolean;
  /** Of whatever takes part. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What is measured. */
const PRODUCT = ["lib", "main.ts", "worker.ts"];

/** Looks at this machine. */
export async function lookAtMachine(): Promise<Machine> {
  const [wrk, node, python, tornado, commit, changes] = await Promise.all([
    // Its exit code is not 0.
    version("sh", ["-c", "wrk -v | head -n 1"], /wrk (?:debian\/)?([\d.]+)/),
    nodeVersion().catch(() => undefined),
    version(() => pythonWithTornado(), ["--version"], /Python (.+)/),
    version(() => pythonWithTornado(), ["-c", "import tornado; print(tornado.version)"], /(.+)/),
    version("git", ["log", "-1", "--format=%h", "--", ...PRODUCT], /(\w+)/),
    version("git", ["status", "--porcelain", "--", ...PRODUCT], /(.)/),
  ]);
  const { dependencies } = JSON.parse(
    Deno.readTextFileSync(new URL("bench/peers/package.json", ROOT)),
  );
  const versions: Record<string, string | undefined> = {
    Deno: Deno.version.deno,
    Node: node,
    Python: python,
    Tornado: tornado,
    wrk,
    ...dependencies,
  };
  return {
    date: new Date().toISOString(),
    commit: commit === undefined ? "unknown" : commit + (changes === undefined ? "" : "+"),
    cpu: cpus()[0]?.model.trim() ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // Major and minor: what comes behind is the distributor's.
    os: `${Deno.build.os} ${release().split(".", 2).join(".")}`,
    wrk: wrk !== undefined,
    versions: Object.fromEntries(
      Object.entries(versions).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

async function version(
  program: string | (() => string),
  args: string[],
  pattern: RegExp,
): Promise<string | undefined> {
  try {
    return (await output({ program: typeof program === "string" ? program : program(), args }))
      .match(pattern)?.[1];
  } catch {
    return undefined;
  }
}
