/**
 * Builds the dashboard of `lib/hono/` from `lib/web/`, as the module that is committed there: `deno task dashboard`. With
 * `--check` it writes nothing, and says whether they agree.
 *
 * What serves it needs neither a bundler nor a file to read.
 *
 * @module
 */

import { endBundling } from "./build/bundle.ts";
import { dashboardModule } from "./build/dashboard.ts";

const target = new URL("../lib/hono/dashboard_page.ts", import.meta.url);

try {
  const { text, size } = await dashboardModule();
  console.error(size);
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(target, text);
  else if (text !== await Deno.readTextFile(target)) {
    console.error("lib/hono/dashboard_page.ts is not what lib/web/ builds to: deno task dashboard");
    Deno.exitCode = 1;
  }
} finally {
  await endBundling();
}
