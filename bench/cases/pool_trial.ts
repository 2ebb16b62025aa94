import { deno, node, poolArgs } from "../contenders/commands.ts";
import type { Contender } from "../contenders/contender.ts";
import { output } from "../runner/process.ts";
import type { Values } from "./case.ts";

/** What the longest of them takes, on a slow day. */
const TRIAL_MS = 110_000;

/** Runs a trial about a contender's pool, in the contender's runtime. */
export async function poolTrial(
  path: string,
  contender: Contender,
  size: number,
  ...more: string[]
): Promise<Values> {
  const args = [...poolArgs(contender.pool!, size), ...more];
  const command = contender.runtime === "Node"
    ? node(path, args)
    // Files of /proc ask for all permissions.
    : deno(path, args, ["--allow-all"]);
  return JSON.parse(await output(command, TRIAL_MS));
}
