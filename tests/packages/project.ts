/**
 * Projects of strangers, in folders of their own: npm installs the packages' tarballs there, as it would what is
 * published.
 *
 * ```
 *  lib/pool, lib/hono ── tools/pack ──► *.tgz ── npm install ──► node_modules ◄── fixtures/
 * ```
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type Need } from "../permissions.ts";

/** Installs what is packed. */
export const NPM: Need = { name: "program", program: "npm" };

/** What a test with a {@linkcode Project} needs. */
export const NEEDS: readonly Need[] = [
  { name: "read" },
  { name: "write" },
  { name: "env" },
  { name: "run" },
  NPM,
];

const root = new URL("../../", import.meta.url);
const fixtures = new URL("fixtures/", import.meta.url);

/** A folder with the packages in its `node_modules`. */
export class Project implements AsyncDisposable {
  /** Its path. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes a project.
   *
   * @param fixtures Files of `fixtures/` that it has.
   * @param others What else npm installs: `vite@8.3.8`.
   */
  static async make(fixtures: readonly string[], others: readonly string[] = []): Promise<Project> {
    const project = new Project(await Deno.makeTempDir());
    try {
      await project.#install(others);
      for (const name of fixtures) await project.write(name, await fixture(name));
      return project;
    } catch (error) {
      await project[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #install(others: readonly string[]): Promise<void> {
    const pack = fileURLToPath(new URL("tools/pack/", root));
    const config = `--config=${pack}deno.json`;
    const tarballs = `${this.folder}/tarballs`;
    await this.run(Deno.execPath(), "run", "-A", "--frozen", config, `${pack}pack.ts`, tarballs);
    await this.write("package.json", JSON.stringify({ private: true, type: "module" }));
    const files = Array.from(Deno.readDirSync(tarballs), ({ name }) => `${tarballs}/${name}`);
    const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await this.run("npm", "install", ...flags, ...files, ...others);
  }

  /** Writes a file. */
  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${name}`, text);
  }

  /** Makes JavaScript of its TypeScript. */
  async strip(): Promise<void> {
    const { transform, stop } = await import("esbuild");
    for (const { name } of Deno.readDirSync(this.folder)) {
      if (!name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(`${this.folder}/${name}`);
      const { code } = await transform(text, { loader: "ts" });
      await this.write(name.replace(/ts$/, "js"), code.replaceAll(/(?<="\.\/\w+)\.ts"/g, '.js"'));
      await Deno.remove(`${this.folder}/${name}`);
    }
    await stop();
  }

  /** Runs a program there, which must succeed. @returns What it wrote. */
  async run(program: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args,
      cwd: this.folder,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    const out = decoder.decode(stdout);
    assertEquals(code, 0, `${program} ${args.join(" ")}\n${out}${decoder.decode(stderr)}`);
    return out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/**
 * The files that a document of the project shows: blocks that begin with `// name.js` or `// name.ts`.
 *
 * @param path From the project's folder.
 */
export function shownIn(path: string): [name: string, text: string][] {
  const text = Deno.readTextFileSync(new URL(path, root));
  return [...text.matchAll(/^```[jt]s ignore\n\/\/ (\S+)\n([^]*?)^```$/gm)].map((
    [, name, code],
  ) => [name, code]);
}

function fixture(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, fixtures));
}

/** What `fixtures/exercise.ts` comes to where memory is shared: no worker is lost but the one that dies. */
export const EXERCISED = {
  values: [2, 4, 6],
  cancelled: "not wanted any more",
  afterCancel: 8,
  late: "DeadlineExceededError",
  afterDeadline: 10,
  died: "WorkerCrashedError",
  afterDeath: 12,
  restarts: 1,
  wedged: 0,
};

/** What `fixtures/over_http.ts` comes to. */
export const ANSWERED = [
  "200 cache;desc=miss",
  "200 cache;desc=hit",
  "400",
  "200 cache;desc=bypass",
  "500",
  "200",
  "200",
];
