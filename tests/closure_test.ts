/** What modules load in the end: `imports_test.ts` has who may import whom. */

import { assert, assertEquals } from "@std/assert";
import { testWith } from "./permissions.ts";

const root = new URL("../", import.meta.url);

/** What `deno info --json` tells of a module. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

/**
 * What is loaded with a module before anything of it runs: neither types nor what it imports on demand.
 *
 * @returns Paths from the project's folder, and the names of packages.
 */
async function loadedWith(path: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", path],
    cwd: root,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { modules, redirects } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: Module[];
    redirects: Record<string, string>;
  };
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const loaded = new Set([new URL(path, root).href]);
  // A set can be added to while it is gone through.
  for (const specifier of loaded) {
    for (const { code, isDynamic } of known.get(specifier)?.dependencies ?? []) {
      if (code && !isDynamic) loaded.add(redirects[code.specifier] ?? code.specifier);
    }
  }
  return [...loaded].map((specifier) =>
    specifier.replace(root.href, "").replace(/^npm:\/?(@?[^@]+)@.*$/, "npm:$1")
  );
}

function test(name: string, run: () => Promise<void>): void {
  testWith([{ name: "run" }, { name: "read" }], name, run);
}

test("main.ts loads no kernel, and two packages", async () => {
  const loaded = await loadedWith("main.ts");
  assert(loaded.includes("lib/fibonacci/algorithms/fast_doubling.ts"), "it asks what that costs");
  assertEquals(loaded.filter((path) => /big_decimal|decimal_doubling/.test(path)), []);
  const packages = loaded.filter((path) => !path.startsWith("lib/"));
  assertEquals([...new Set(packages)].sort(), ["main.ts", "npm:comlink", "npm:hono"]);
});

test("main.ts loads the dashboard on demand, and nothing that it is built with", async () => {
  const loaded = await loadedWith("main.ts");
  assert(loaded.includes("lib/hono/dashboard.ts"));
  assertEquals(loaded.filter((path) => /dashboard_page|lib\/web|uplot|esbuild/.test(path)), []);
});

test("the dashboard knows the pool's and the page's own modules, and no Fibonacci", async () => {
  const loaded = await loadedWith("lib/web/dashboard.ts");
  const others = loaded.filter((path) => !/^lib\/web\/(dashboard\.ts$|machine|ui)/.test(path));
  assertEquals(others.sort(), ["lib/pool/histogram.ts", "npm:uplot"]);
});

test("fibonacci loads nothing but itself, and its kernel nothing but big_decimal", async () => {
  const loaded = await loadedWith("lib/fibonacci/mod.ts");
  assertEquals(loaded.filter((path) => !path.startsWith("lib/fibonacci/")), []);
  const kernel = await loadedWith("lib/fibonacci/decimal_doubling.ts");
  assertEquals(kernel.filter((path) => !/^lib\/(fibonacci|big_decimal)\//.test(path)), []);
});

test("big_decimal loads nothing but itself", async () => {
  const loaded = await loadedWith("lib/big_decimal/mod.ts");
  assert(loaded.length > 10);
  assertEquals(loaded.filter((path) => !path.startsWith("lib/big_decimal/")), []);
});
