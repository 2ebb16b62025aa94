import type { Plugin } from "esbuild";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** What is read of a package's own description. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly main?: string;
  readonly module?: string;
}

/**
 * Finds packages where Deno keeps them, by the names in `deno.json`: there is no `node_modules` to find them in.
 * Their files are called `npm:name@version/path` in what is built, for a cache's path differs from machine to
 * machine, and hashed names must not.
 */
export const packages: Plugin = {
  name: "packages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/, namespace: "file" }, ({ path, kind }) => {
      if (kind === "entry-point") return undefined;
      if (path.startsWith("node:")) return { external: true };
      const file = new URL(import.meta.resolve(path));
      // The names of this project's own packages.
      if (file.href.startsWith(ROOT.href)) return { path: fileURLToPath(file) };
      return locate(file);
    });
    onResolve(
      { filter: /^\./, namespace: "npm" },
      ({ path, pluginData }) => locate(new URL(path, pluginData)),
    );
    onResolve({ filter: /^node:/, namespace: "npm" }, () => ({ external: true }));
    onLoad({ filter: /.*/, namespace: "npm" }, ({ pluginData }) => ({
      contents: Deno.readFileSync(pluginData),
      loader: "default",
      pluginData,
    }));
  },
};

/** What esbuild is told of a package's file. */
function locate(file: URL): { path: string; namespace: string; pluginData: URL } {
  const [root, { name, version, main, module }] = manifestOf(file);
  // A few packages that are older than `exports` have their ES modules here, as bundlers know and Deno does not.
  const isMain = main !== undefined && new URL(main, root).href === file.href;
  const url = isMain && module !== undefined ? new URL(module, root) : file;
  const path = `${name}@${version}/${url.href.slice(root.href.length)}`;
  return { path, namespace: "npm", pluginData: url };
}

/** The root of the package that a file is in, and how it describes itself. */
function manifestOf(file: URL): [root: URL, manifest: Manifest] {
  for (let root = new URL("./", file); root.pathname !== "/"; root = new URL("../", root)) {
    try {
      const manifest = JSON.parse(Deno.readTextFileSync(new URL("package.json", root)));
      // Folders inside a package may have one that says no more than what kind of modules they hold.
      if (manifest.name && manifest.version) return [root, manifest];
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`${file} is in no package`);
}
