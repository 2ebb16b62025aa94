import { deno, node, poolArgs } from "../contenders/commands.ts";
import type { Contender } from "../contenders/contender.ts";
import { output } from "../runner/process.ts";
import type { Values } from "./case.ts";

/** Runs a trial about a contender's pool, in the contender's runtime. */
export async function poolTrial(path: string, contender: Contender, size: number): Promise<Values> {
  const args = poolArgs(contender.pool!, size);
  const command = contender.runtime === "Node"
    ? node(path, args)
    : deno(path, args, ["--allow-read=.", "--allow-env", "--allow-sys"]);
  return JSON.parse(await output(command));
}
