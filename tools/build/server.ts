import type { Plugin } from "esbuild";
import denoJson from "../../deno.json" with { type: "json" };
import { bundle } from "./bundle.ts";
import { encoded, type Files } from "./files.ts";
import { replaced } from "./replaced.ts";

/** Where what `main.ts` looks for is, seen from the bundle. */
const MOVED = {
  'new URL("./worker.ts", import.meta.url)': 'new URL("./worker.js", import.meta.url)',
  'new URL("./dist/web/", import.meta.url)': 'new URL("./web/", import.meta.url)',
};

/**
 * What the program looks for and does not import is included by name. The code cache would be a file in the system's
 * folder for temporary ones, where others write, too: what they put there would be run.
 */
const COMPILE_FLAGS = "--no-code-cache --output=off-the-loop --include=worker.js --include=web";

const moved: Plugin = {
  name: "moved",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]main\.ts$/ }, ({ path }) => {
      let contents = Deno.readTextFileSync(path);
      for (const [from, to] of Object.entries(MOVED)) contents = replaced(contents, from, to);
      return { contents, loader: "ts" };
    });
  },
};

/**
 * Makes the service as a folder that needs Deno and nothing else: no package, no cache, no network. What is imported
 * on demand stays so, in a file of its own. Nothing is minified, so that stacks can be read.
 */
export async function bundleServer(): Promise<Files> {
  const options = { platform: "neutral", target: "esnext", chunkNames: "[name]-[hash]" } as const;
  // Each by itself: what both use would be a file of its own otherwise, and every file costs its part of a start.
  const main = await bundle("dist", { ...options, entryPoints: ["main.ts"], plugins: [moved] });
  const worker = await bundle("dist", { ...options, entryPoints: ["worker.ts"] });
  return new Map([...main.files, ...worker.files, ["deno.json", encoded(ownDenoJson())]]);
}

/**
 * How the service is started, and made one file, is said in one place: the project's `deno.json`. What that file holds may
 * be read in any case.
 */
function ownDenoJson(): string {
  const { unstable, tasks: { start, compile } } = denoJson;
  const alone = replaced(start.command, " --lock=deno.lock", "");
  const here = replaced(alone, "--allow-read=worker.ts,lib,dist", "--allow-read=.");
  const command = replaced(here, " main.ts", " main.js");
  const inOne = replaced(command, "--allow-read=.", "--allow-read=/dev/null");
  const tasks = {
    start: { description: start.description, command },
    compile: {
      description: compile.description,
      command: replaced(inOne, "deno run", `deno compile ${COMPILE_FLAGS}`),
    },
  };
  return JSON.stringify({ unstable, tasks }, null, 2) + "\n";
}
