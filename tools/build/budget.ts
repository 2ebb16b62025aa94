import type { Files } from "./files.ts";

/** More, and on a slow phone's 1.6 Mbit/s it takes longer than 0.3 s; less, and there is no room for a chart. */
const PAGE_BYTES = 65_000;
/** It is in the package of everyone who uses the kit. Two thirds of it are its charts' library. */
const DASHBOARD_BYTES = 40_000;

/**
 * Tells how large groups of files are, one line each, and all of them together.
 *
 * @throws {Error} If together they are larger with br than they may be.
 */
export function sizes(
  files: Files,
  groups: Readonly<Record<string, readonly string[]>>,
): string[] {
  const all = Object.values(groups).flat();
  const size = (paths: readonly string[], ending: string) =>
    paths.reduce((sum, path) => sum + files.get(path + ending)!.length, 0);
  const line = (name: string, paths: readonly string[]) => {
    const [raw, gzip, br] = ["", ".gz", ".br"].map((ending) => size(paths, ending));
    return `${name}: ${raw} bytes, ${gzip} with gzip, ${br} with br`;
  };
  if (size(all, ".br") > PAGE_BYTES) {
    const each = all.map((path) => `${path} ${size([path], ".br")}`).join(", ");
    throw new Error(
      `Page loads ${size(all, ".br")} bytes with br, and may load ${PAGE_BYTES}: ${each}`,
    );
  }
  return [...Object.entries(groups).map(([name, paths]) => line(name, paths)), line("all", all)];
}

/**
 * Tells how large the dashboard is.
 *
 * @param gzipped How many bytes it is with gzip.
 * @throws {Error} If that is more than it may be.
 */
export function dashboardSize(raw: number, gzipped: number): string {
  const told = `dashboard: ${raw} bytes, ${gzipped} with gzip`;
  if (gzipped > DASHBOARD_BYTES) throw new Error(`${told}, and may have ${DASHBOARD_BYTES}`);
  return told;
}
