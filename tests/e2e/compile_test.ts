// What `deno compile` makes of the service and of an example, started where nothing else of the project is.

import { pathToFileURL } from "node:url";
import { assert, assertArrayIncludes, assertEquals, assertMatch } from "@std/assert";
import { copyFolder } from "../copy_folder.ts";
import { testWith } from "../permissions.ts";
import { assertAnswers33, get, METRIC, scrape } from "./client.ts";
import { Program, STARTS_PROGRAMS, startService } from "./service.ts";
import { within } from "./waiting.ts";

const NEEDS = [...STARTS_PROGRAMS, { name: "write" }] as const;

/** More than it takes to compile on a busy machine, the runtime being there. */
const COMPILE_MS = 60_000;

/** How long a try to get the runtime may take. Without network it takes a second. */
const TRY_MS = 20_000;

/** What Deno adds to the name of a program. */
const EXE = Deno.build.os === "windows" ? ".exe" : "";

const root = new URL("../../", import.meta.url);

/** A folder that is there for as long as a test runs. */
class Scratch implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();

  /** What is at a path in it. */
  at(path: string): URL {
    return pathToFileURL(`${this.path}/${path}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Tries to compile a program of one line, and to run it. @returns Why that can't be, if it can't. */
async function missingRuntime(): Promise<string | undefined> {
  // Tests that need more than they may have say that, and get no further.
  if (NEEDS.some((need) => Deno.permissions.querySync(need).state !== "granted")) return undefined;
  await using scratch = new Scratch();
  const program = `${scratch.path}/program`;
  await Deno.writeTextFile(`${program}.ts`, `console.log("runs")`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--no-config", "--no-check", "--output", program, `${program}.ts`],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(TRY_MS),
  }).output();
  if (!success) {
    // The causes come last, in one line each.
    const said = new TextDecoder().decode(stderr).split("\n\nStack backtrace")[0].trim();
    return `the runtime denort: ${said.split("\n").at(-1)!.trim() || `not had in ${TRY_MS} ms`}`;
  }
  const { stdout } = await new Deno.Command(program + EXE, { stdin: "null" }).output();
  return new TextDecoder().decode(stdout) === "runs\n" ? undefined : "denort as DENORT_BIN";
}

/** Where it is missing, Deno itself takes its place in a program that is made and never run. */
const RUNTIME = { name: "found", missing: await missingRuntime() } as const;
const STAND_IN = { DENORT_BIN: Deno.execPath() };

/** Runs a command that compiles. @returns The names of what it has embedded; folders may be shown as one: `web/*`. */
async function compile(
  args: readonly string[],
  folder: URL,
  env: Record<string, string>,
): Promise<string[]> {
  await using program = new Program(args, env, folder);
  const { code } = await within(COMPILE_MS, "end of compiling", program.status);
  const lines = program.stderr.all;
  assertEquals(code, 0, lines.join("\n"));
  return lines.flatMap((line) => /[├└][─┬]+ (.+) \(/.exec(line)?.[1] ?? []);
}

/** Compiles a copy of `dist/`. @returns What is embedded. */
async function compileService(scratch: Scratch, env: Record<string, string> = {}) {
  // Unless that was done before.
  await using build = new Program(["task", "build"]);
  assertEquals((await within(COMPILE_MS, "build", build.status)).code, 0);
  await copyFolder(new URL("dist/", root), scratch.at("dist/"));
  return await compile(["task", "compile"], scratch.at("dist/"), env);
}

/** Compiles a copy of the passwords example, as docs/production.md says. @returns What is embedded. */
async function compileExample(scratch: Scratch, env: Record<string, string> = {}) {
  for (const path of ["examples/passwords/", "lib/pool/", "lib/hono/"]) {
    await copyFolder(new URL(path, root), scratch.at(path));
  }
  const page = await Deno.readTextFile(new URL("docs/production.md", root));
  const [, main] = /^```ts ignore\n(\/\/ main\.ts\n[^]*?)^```$/m.exec(page)!;
  const [, command] = /^deno (compile .*)$/m.exec(page)!;
  const folder = scratch.at("examples/passwords/");
  await Deno.writeTextFile(new URL("main.ts", folder), main.replace("port: 8000", "port: 0"));
  return await compile(command.split(" "), folder, env);
}

/** Moves a program to where nothing else is, and removes what it was made of. @returns Its path. */
async function alone(scratch: Scratch, program: string, ...sources: string[]): Promise<string> {
  await Deno.mkdir(scratch.at("alone"));
  const moved = `${scratch.path}/alone/program${EXE}`;
  await Deno.rename(scratch.at(program + EXE), moved);
  for (const path of sources) await Deno.remove(scratch.at(path), { recursive: true });
  return moved;
}

testWith(NEEDS, "a compiled service holds all that dist/ has", async () => {
  await using scratch = new Scratch();
  const embedded = await compileService(scratch, STAND_IN);
  const scripts = [...Deno.readDirSync(scratch.at("dist/"))]
    .map(({ name }) => name).filter((name) => name.endsWith(".js"));
  assertArrayIncludes(scripts, ["main.js", "worker.js"]);
  assertEquals(embedded.sort(), [...scripts, "web/*"].sort());
});

testWith(NEEDS, "a compiled example holds its worker, and what that imports", async () => {
  await using scratch = new Scratch();
  const embedded = await compileExample(scratch, STAND_IN);
  assertArrayIncludes(embedded, ["main.ts", "app.ts", "worker.ts", "@noble/hashes/*"]);
});

testWith([...NEEDS, RUNTIME], "a compiled service runs by itself, with its workers", async () => {
  await using scratch = new Scratch();
  await compileService(scratch);
  const program = await alone(scratch, "dist/off-the-loop", "dist");
  const folder = scratch.at("alone/");
  await using service = await startService({ program, folder, env: { WORKERS: "2" } });
  assertEquals(service.ready.workers, 2);
  await assertAnswers33(service);
  // WebAssembly, in a worker.
  const { body, headers } = await get(service, "/100000");
  assertEquals(body.length, 20_899);
  assertMatch(headers.get("server-timing")!, /worker;desc=/);
  assert((await scrape(service)).get(METRIC.done)! >= 2);
  assertMatch((await get(service, "/")).body, /"assets\/page-/);
  service.signal("SIGTERM");
  assertEquals((await within(10_000, "end", service.status)).code, 0);
  const told = service.log.filter((line) => line.startsWith("{"));
  assertEquals(told.map((line) => JSON.parse(line).message), ["started", "stopping", "stopped"]);
});

testWith([...NEEDS, RUNTIME], "a compiled example runs by itself, with its workers", async () => {
  await using scratch = new Scratch();
  await compileExample(scratch);
  const program = await alone(scratch, "examples/passwords/passwords", "examples", "lib");
  await using service = new Program([], {}, scratch.at("alone/"), undefined, program);
  const listening = service.stderr.find((line) => line.includes("Listening on"));
  const line = await within(20_000, "start", listening);
  const [url] = line!.match(/http:\/\/127\.0\.0\.1:\d+/)!;
  const answer = await fetch(`${url}/hash?cost=12`, { method: "POST", body: "correct horse" });
  assertMatch(await answer.text(), /^scrypt:12:/);
  assertMatch(answer.headers.get("server-timing")!, /worker;desc=/);
  service.signal("SIGTERM");
  assertEquals((await within(10_000, "end", service.status)).code, 0);
});
