/** What `deno task build` makes: a page for browsers and a service for Deno. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import { decoded } from "../compute/decoded.ts";
import { testWith } from "../permissions.ts";

const NEEDS = [{ name: "read" }, { name: "run" }, { name: "env" }, { name: "write" }] as const;

/** What a module imports when it is loaded, and not only on demand. */
function imports(code: string): string[] {
  return [...code.matchAll(/^(?:import|export)\b[^;"']*?["']([^"']+)["'];?$/gm)].map(([, path]) =>
    path
  );
}

const PROJECT = new URL("../../", import.meta.url);

/** Runs a project's build, and tells what it wrote to stderr. */
async function run(project: URL, folder: string) {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--lock=deno.lock", "-A", "tools/build.ts", folder],
    cwd: project,
    stdout: "null",
    env: { NO_COLOR: "1" },
  }).output();
  return { code, told: new TextDecoder().decode(stderr) };
}

/**
 * Builds in a process of its own: esbuild's `stop()` does not wait for the end of the one that it started.
 *
 * @returns What it made, by path, and the lines that it told.
 */
async function build(folder: string) {
  const { code, told } = await run(PROJECT, folder);
  assertEquals(code, 0, told);
  return { files: new Map(filesIn(folder)), sizes: told.trim().split("\n") };
}

function* filesIn(folder: string, path = ""): Generator<[string, Uint8Array<ArrayBuffer>]> {
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${path}`)) {
    if (isDirectory) yield* filesIn(folder, `${path}${name}/`);
    else yield [path + name, Deno.readFileSync(`${folder}/${path}${name}`)];
  }
}

testWith(NEEDS, "deno task build", async (t) => {
  const scratch = await Deno.makeTempDir();
  try {
    const { files, sizes } = await build(`${scratch}/one`);
    const text = (path: string) => new TextDecoder().decode(files.get(path));
    const scripts = [...files.keys()].filter((path) => /^web\/assets\/.*\.js$/.test(path));
    const worker = scripts.find((path) => path.startsWith("web/assets/worker-"))!;
    const page = scripts.find((path) => path.startsWith("web/assets/page-"))!;

    await t.step("equal input gives equal files", async () => {
      assertEquals((await build(`${scratch}/other`)).files, files);
    });

    await t.step("page.html names assets that are there, by the hash of what is in them", () => {
      const names = [...text("web/page.html").matchAll(/"(assets\/[^"]+)"/g)].map(([, n]) => n);
      assertEquals(names.length, 3);
      for (const name of names) {
        assertMatch(name, /^assets\/(page|worker)-[A-Z0-9]{8}\.(css|js)$/);
        assert(files.has(`web/${name}`), name);
      }
    });

    await t.step("scripts for browsers name neither Deno nor Node's modules", () => {
      for (const path of scripts) {
        const code = text(path);
        assert(!/\bDeno\.\w/.test(code), path);
        assert(!/\b(from|import|require)\s*\(?\s*["'](node:|[a-z@])/.test(code), path);
      }
    });

    await t.step("the browser's worker is a module of its own, without a watchdog", () => {
      const { sources } = JSON.parse(text(`${worker}.map`));
      const local = sources.filter((path: string) => path.endsWith("/worker.ts"));
      assertEquals(local, ["../../../lib/pool/worker.ts", "../../../lib/web/worker.ts"]);
      assertStringIncludes(text("web/page.html"), `data-worker="${worker.slice("web/".length)}"`);
      assert(!text(worker).includes("runInThisContext"));
      assert(text("worker.js").includes("runInThisContext"));
    });

    await t.step("what the page loads has forms that decompress to it", async () => {
      for (const path of ["web/page.html", page, worker]) {
        for (const [ending, coding] of [["gz", "gzip"], ["br", "br"]]) {
          assertEquals(await decoded(coding, files.get(`${path}.${ending}`)!), text(path));
        }
      }
    });

    await t.step("the manifest names every file of the page", () => {
      const paths = [...files.keys()];
      const named = JSON.parse(text("web/manifest.json")).map((path: string) => `web/${path}`);
      assertEquals(named.sort(), paths.filter((path) => /^web\/(?!manifest)/.test(path)).sort());
    });

    await t.step("each part's size is told", () => {
      assertEquals(sizes.map((line) => line.split(":")[0]), ["page", "worker", "all"]);
    });

    await t.step("the service imports nothing of Node's before it listens, and no package", () => {
      const loaded = ["main.js"];
      for (const path of loaded) loaded.push(...imports(text(path)).map((name) => name.slice(2)));
      assert(loaded.length > 1, "the pattern finds no imports any more");
      assertEquals(loaded.filter((path) => !files.has(path)), []);
      // The first is lru-cache.
      for (const lazy of ["index.min", "otel", "dashboard_page"]) {
        assert([...files.keys()].some((path) => path.startsWith(`${lazy}-`)), lazy);
        assert(!loaded.some((path) => path.startsWith(`${lazy}-`)), lazy);
      }
      assertEquals(imports(text("worker.js")).filter((name) => !/^\.\//.test(name)).sort(), [
        "node:os",
        "node:vm",
      ]);
    });

    await t.step("the service is started as the project's own", () => {
      const { unstable, tasks } = JSON.parse(text("deno.json"));
      assertEquals(unstable, denoJson.unstable);
      assertEquals(
        tasks.start.command,
        denoJson.tasks.start.command.replace("main.ts", "main.js")
          .replace(" --lock=deno.lock", "")
          .replace("--allow-read=worker.ts,lib,dist", "--allow-read=."),
      );
    });
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
});

testWith(NEEDS, "lib/hono/dashboard_page.ts is what lib/web/ builds to", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "dashboard", "--check"],
    cwd: PROJECT,
    stdout: "null",
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});

testWith(NEEDS, "a folder that can't be written is one line, and exits with 1", async () => {
  const file = await Deno.makeTempFile();
  try {
    const { code, told } = await run(PROJECT, `${file}/dist`);
    assertMatch(told, /^Build failed: .*\n$/);
    assertEquals(code, 1);
  } finally {
    await Deno.remove(file);
  }
});

testWith(NEEDS, "another function in worker.ts may use whatever runs on Deno", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["lib", "tools", "deno.json", "deno.lock", "main.ts", "worker.ts"]) {
      await copy(new URL(name, PROJECT).pathname, `${folder}/${name}`);
    }
    // The page's part of the workspace is there, and that of its tests is not.
    await Deno.mkdir(`${folder}/tests/web`, { recursive: true });
    const config = new URL("tests/web/deno.json", PROJECT);
    await Deno.copyFile(config, `${folder}/tests/web/deno.json`);
    const worker = await Deno.readTextFile(`${folder}/worker.ts`);
    const more = `import { LRUCache } from "lru-cache";
import { hostname } from "node:os";
const seen = new LRUCache<string, number>({ max: 10 });
function remember(key: string) {
  seen.set(key, 1);
  return [hostname(), seen.size];
}
`;
    const extended = worker.replace(
      "serve(fibonacciApi(checkpoint), {",
      `${more}serve({ ...fibonacciApi(checkpoint), remember }, {`,
    );
    assert(extended.includes("remember }"));
    await Deno.writeTextFile(`${folder}/worker.ts`, extended);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "worker.ts", "main.ts"],
      cwd: folder,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const { code, told } = await run(new URL(`file://${folder}/`), `${folder}/dist`);
    assertEquals(code, 0, told);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}
