import type { BuildOptions } from "esbuild";
import { type Bundle, bundle } from "./bundle.ts";

/** Old enough for most, and new enough for nested CSS and what the pool is written in. */
const TARGET = ["es2023", "chrome120", "firefox121", "safari17"];

/**
 * Bundles for browsers, as small as it gets.
 *
 * @param outdir The folder that the files are for, from the project's.
 * @throws {Error} If something is imported that browsers don't have.
 */
export async function bundleForBrowsers(outdir: string, options: BuildOptions): Promise<Bundle> {
  const made = await bundle(outdir, {
    platform: "browser",
    target: TARGET,
    minify: true,
    ...options,
  });
  if (made.external.length > 0) {
    throw new Error(`${options.entryPoints} imports what browsers don't have: ${made.external}`);
  }
  return made;
}
