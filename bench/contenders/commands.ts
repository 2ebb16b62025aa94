/**
 * How the contenders' programs are started.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type Command, ROOT } from "../runner/process.ts";
import type { PoolAdapter } from "./contender.ts";

/** A module of `bench/`, as it is imported. */
function module(path: string): string {
  return new URL(`bench/${path}`, ROOT).href;
}

/** A file of `bench/`, as programs are given it. */
export function file(path: string): string {
  return fileURLToPath(module(path));
}

/**
 * The service, by the very command of `deno task start`: what is measured can't drift from what is run.
 *
 * @param env Its settings, as in the README.
 */
export function service(env: Record<string, string>): Command {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const [program, ...args] = tasks.start.command.split(" ");
  if (program !== "deno") throw new Error(`deno task start runs ${program}`);
  return { program: Deno.execPath(), args, env };
}

/** Several instances behind a balancer, by the very command of `deno task cluster`, on any free port. */
export function cluster(instances: number, env: Record<string, string>): Command {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const [, ...args] = tasks.cluster.command.split(" ");
  const options = ["--port", "0", "--instances", String(instances)];
  return { program: Deno.execPath(), args: [...args, ...options], env };
}

/** The service as `deno task build` made it, by the same command. */
export function bundledService(env: Record<string, string>): Command {
  const command = service(env);
  const args = command.args.map((arg) => arg === "main.ts" ? "dist/main.js" : arg);
  return { ...command, args };
}

/** A program of `bench/` on Deno. */
export function deno(path: string, args: readonly string[], flags: readonly string[]): Command {
  return {
    program: Deno.execPath(),
    args: ["run", "--no-prompt", ...flags, file(path), ...args],
  };
}

/** A program of `bench/` on Node. */
export function node(path: string, args: readonly string[]): Command {
  return { program: "node", args: [file(path), ...args] };
}

/** What a program needs to know to open a pool. */
export function poolArgs({ module: path, options = null }: PoolAdapter, size: number): string[] {
  return [module(path), String(size), JSON.stringify(options)];
}

/** What a server on Deno may do. Some packages look at the machine. */
const SERVER = ["--allow-net", "--allow-read=.", "--allow-env", "--allow-sys"];

/** A pool behind Hono on Deno. */
export function denoServer(pool: PoolAdapter, size: number): Command {
  return deno("servers/deno.ts", poolArgs(pool, size), SERVER);
}

/** A pool behind `node:http`. */
export function nodeServer(pool: PoolAdapter, size: number): Command {
  return node("peers/server.mjs", poolArgs(pool, size));
}

/** One answer to everything; `1` if not told otherwise. Started as the service is, flags and all. */
export function constantServer(
  framework: "hono" | "deno",
  answer: { headers: Record<string, string>; body: string } = {
    headers: { "content-type": "text/plain; charset=UTF-8" },
    body: "1",
  },
): Command {
  return alike("servers/constant.ts", [framework, JSON.stringify(answer)]);
}

/** A program of `bench/`, started as the service is, flags and all; only that it may read `bench/` too. */
export function alike(path: string, args: readonly string[] = []): Command {
  const { args: own, ...command } = service({});
  const flags = own.slice(0, own.indexOf("main.ts"))
    .map((flag) => flag.startsWith("--allow-read") ? `${flag},bench` : flag);
  return { ...command, args: [...flags, file(path), ...args] };
}

/** Two obvious ways to send a large answer. */
export function largeServer(way: "formatted" | "transferred"): Command {
  return deno("servers/large.ts", [way], SERVER);
}

/** Tornado with a process pool. */
export function tornadoServer(size: number): Command {
  return { program: pythonWithTornado(), args: [file("servers/tornado_server.py"), `${size}`] };
}

let python: string | undefined;

/** Finds a Python that has Tornado: the first on the path may not be the one that packages are for. */
export function pythonWithTornado(): string {
  python ??= ["python3", "/usr/bin/python3"].find((program) => {
    try {
      return new Deno.Command(program, { args: ["-c", "import tornado"] }).outputSync().success;
    } catch {
      return false;
    }
  });
  if (python === undefined) throw new Error("No Python has Tornado");
  return python;
}
