import { assertEquals } from "@std/assert";
import { testPageOf } from "../web/browser.ts";
import { EXERCISED, NPM, Project } from "./project.ts";

const FILES = ["api.ts", "worker.ts", "exercise.ts", "browser.ts"];

const PAGE =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="browser.js"></script>';

/** By bundler, what is run in the project, to make `dist/` of `browser.js`. */
const BUNDLERS: Record<string, { install: string[]; args: string[] }> = {
  esbuild: {
    install: ["esbuild@0.28.2"],
    args: ["esbuild", "browser.js", "worker.js", "--bundle", "--format=esm", "--outdir=dist"],
  },
  vite: { install: ["vite@8.3.8"], args: ["vite", "build", "--base=./", "--logLevel=error"] },
};

/** What makes a page cross-origin isolated, so that it may share memory. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** A page, bundled by a stranger: as it is, and isolated below `/isolated/`. */
class Site implements AsyncDisposable {
  readonly #project: Project;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(project: Project) {
    this.#project = project;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url }) => this.#answer(new URL(url).pathname),
    );
  }

  static async make(bundler: string): Promise<Site> {
    const { install, args } = BUNDLERS[bundler];
    const project = await Project.make(FILES, install);
    await project.strip();
    await project.write("index.html", PAGE);
    await project.write("vite.config.js", 'export default { worker: { format: "es" } };');
    await project.run("npm", "exec", "--offline", "--", ...args);
    // Vite makes one.
    if (bundler === "esbuild") await project.write("dist/index.html", PAGE);
    return new Site(project);
  }

  async #answer(path: string): Promise<Response> {
    const isIsolated = path.startsWith("/isolated/");
    const name = path.replace("/isolated/", "/").replace(/\/$/, "/index.html");
    const type = name.endsWith(".html") ? "text/html" : "text/javascript";
    const headers = { "content-type": type, ...(isIsolated ? ISOLATION : {}) };
    return new Response(await Deno.readFile(`${this.#project.folder}/dist${name}`), { headers });
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.#project[Symbol.asyncDispose]();
  }
}

for (const bundler of Object.keys(BUNDLERS)) {
  testPageOf(
    () => Site.make(bundler),
    `the packages, bundled by ${bundler}`,
    async ({ page, open, t }) => {
      await t.step(
        "work in a page that shares no memory: who does not stop is replaced",
        async () => {
          assertEquals(await page.evaluate("crossOriginIsolated"), false);
          assertEquals(await page.evaluate("outcome"), { ...EXERCISED, restarts: 3 });
        },
      );

      await t.step("work in a page that shares memory: calls stop at a checkpoint", async () => {
        const isolated = await open("/isolated/");
        assertEquals(await isolated.evaluate("crossOriginIsolated"), true);
        assertEquals(await isolated.evaluate("outcome"), EXERCISED);
      });
    },
    [NPM],
  );
}
