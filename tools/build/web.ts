import { withAlgorithms } from "./algorithms.ts";
import { bundleForBrowsers } from "./browsers.ts";
import { encoded, type Files } from "./files.ts";
import { readHtml } from "./html.ts";
import { replaced } from "./replaced.ts";

/** The page. */
export interface Web {
  readonly files: Files;
  /** The paths of what it loads, by who does so first: neither source maps nor what is imported on demand. */
  readonly loaded: Readonly<Record<"page" | "worker", readonly string[]>>;
}

/** What stands in `lib/web/page.html` for the URL of what is made of it. */
const ENTRIES = {
  "page.css": "lib/web/page.css",
  "page.ts": "lib/web/page.ts",
  "worker.ts": "lib/web/worker.ts",
};

/**
 * Makes the page: `page.html`, and in `assets/` what it loads, by names that change with what is in it. Its
 * worker has an entry of its own: what is put into `worker.ts` need not run in a browser. What page and worker share
 * is a file of its own, and loaded once.
 *
 * @throws {Error} If there is something in it that browsers don't have.
 */
export async function bundleWeb(): Promise<Web> {
  const entryPoints = Object.values(ENTRIES);
  const assets = await bundleForBrowsers("dist/web/assets", {
    entryPoints,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    sourcemap: "linked",
  });
  const files: Files = new Map();
  for (const [path, contents] of assets.files) files.set(`assets/${path}`, contents);
  let html = readHtml("page.html");
  for (const [name, entry] of Object.entries(ENTRIES)) {
    html = replaced(html, `"${name}"`, `"assets/${assets.outputOf(entry)}"`);
  }
  files.set("page.html", encoded(withAlgorithms(html)));
  // Not what the worker imports on demand: that is where calls are traced, and here none is.
  const [ofStyle, ofPage, ofWorker] = entryPoints.map((entry) => [
    ...assets.loadedWith(assets.outputOf(entry)),
  ]);
  const inAssets = (paths: string[]) => paths.map((path) => `assets/${path}`);
  return {
    files,
    loaded: {
      page: ["page.html", ...inAssets([...ofStyle, ...ofPage])],
      worker: inAssets(ofWorker.filter((path) => !ofPage.includes(path))),
    },
  };
}
