import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";
import type { Files } from "./files.ts";
import { packages } from "./packages.ts";

/** What esbuild made. */
export class Bundle {
  /** By path, from the folder that they are for. */
  readonly files: Files = new Map();
  readonly #outputs: esbuild.Metafile["outputs"];
  readonly #outdir: string;

  constructor(outdir: string, { outputFiles, metafile }: esbuild.BuildResult<Options>) {
    this.#outdir = outdir;
    this.#outputs = metafile.outputs;
    for (const { path, contents } of outputFiles) {
      const fromRoot = path.slice(ROOT.length).replaceAll("\\", "/");
      this.files.set(this.#local(fromRoot), new Uint8Array(contents));
    }
  }

  /** @returns The path of what an entry became. */
  outputOf(entryPoint: string): string {
    const found = Object.entries(this.#outputs).find(([, output]) =>
      output.entryPoint === entryPoint
    );
    if (!found) throw new Error(`Bundle has no ${entryPoint}`);
    return this.#local(found[0]);
  }

  /** The paths of a file and of all that it imports, but for what it imports on demand. */
  *loadedWith(path: string): Generator<string> {
    yield path;
    for (
      const { path: imported, kind, external } of this.#outputs[`${this.#outdir}/${path}`].imports
    ) {
      if (kind === "import-statement" && !external) yield* this.loadedWith(this.#local(imported));
    }
  }

  /** What is imported and not in the bundle. */
  get external(): string[] {
    const imports = Object.values(this.#outputs).flatMap(({ imports }) => imports);
    return imports.filter(({ external }) => external).map(({ path }) => path);
  }

  #local(path: string): string {
    return path.slice(this.#outdir.length + 1);
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Options extends esbuild.BuildOptions {
  readonly metafile: true;
  readonly write: false;
}

/**
 * Bundles modules of this project, and the packages that they import. Nothing is written. The same input gives the
 * same files on every machine.
 *
 * @param outdir The folder that the files are for, from the project's.
 * @throws {Error} If esbuild has anything to say, warnings included.
 */
export async function bundle(outdir: string, options: esbuild.BuildOptions): Promise<Bundle> {
  const result = await esbuild.build<Options>({
    bundle: true,
    format: "esm",
    splitting: true,
    charset: "utf8",
    logLevel: "silent",
    ...options,
    plugins: [packages, ...options.plugins ?? []],
    absWorkingDir: ROOT,
    outdir,
    metafile: true,
    write: false,
  });
  if (result.warnings.length > 0) {
    const messages = await esbuild.formatMessages(result.warnings, { kind: "warning" });
    throw new Error(messages.join("\n"));
  }
  return new Bundle(outdir, result);
}

/** Ends the process that bundles, which a program would wait for otherwise. */
export async function endBundling(): Promise<void> {
  await esbuild.stop();
}
