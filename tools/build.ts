/**
 * Builds `dist/`, the service as a folder that needs Deno and nothing else: `deno task build`. Another folder can
 * be named as an argument.
 *
 * ```
 *  lib/web/page.* ──┬─ for browsers ─► dist/web/page.html, assets/   ×  as it is, gzip, br
 *  worker.ts ───────┤
 *  main.ts ─────────┴─ for Deno ─────► dist/main.js, worker.js, what they import on demand
 * ```
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { sizes } from "./build/budget.ts";
import { endBundling } from "./build/bundle.ts";
import { withCompressed } from "./build/compressed.ts";
import { encoded, type Files, replaceFolder } from "./build/files.ts";
import { bundleServer } from "./build/server.ts";
import { bundleWeb } from "./build/web.ts";

/** What a build makes. */
export interface Build {
  /** By path, from `dist/`. */
  readonly files: Files;
  /** How large what the page loads is, a line for each part. */
  readonly sizes: readonly string[];
}

/**
 * Makes everything, and writes nothing. The same input gives the same files, on every machine.
 *
 * @throws {Error} If something can't be bundled, or the page would load too much.
 */
export async function build(): Promise<Build> {
  const [web, server] = await Promise.all([bundleWeb(), bundleServer()]);
  const forms = await withCompressed(web.files);
  const files: Files = new Map(server);
  for (const [path, contents] of forms) files.set(`web/${path}`, contents);
  // Last, so that what it names is there.
  files.set("web/manifest.json", encoded(JSON.stringify([...forms.keys()], null, 2) + "\n"));
  return { files, sizes: sizes(forms, web.loaded) };
}

if (import.meta.main) {
  try {
    const { files, sizes } = await build();
    const [folder] = Deno.args;
    const target = folder === undefined
      ? new URL("../dist/", import.meta.url)
      : pathToFileURL(`${folder}/`);
    await replaceFolder(target, files);
    // Not on stdout: that belongs to the service, which `deno task start` starts after this.
    for (const line of sizes) console.error(line);
  } catch (error) {
    console.error(`Build failed: ${String(error).replaceAll(/\s*\n\s*/g, " ")}`);
    Deno.exitCode = 1;
  } finally {
    await endBundling();
  }
}
