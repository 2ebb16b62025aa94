import { assert, assertEquals } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import { testWith } from "../permissions.ts";

const root = new URL("../../", import.meta.url);
const readsLocks = { name: "read", path: root } as const;

/** A lock file, as far as it matters here. */
interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
}

function readLock(path: string): Lock {
  return JSON.parse(Deno.readTextFileSync(new URL(path, root)));
}

/** The packages that `deno.json` names, as a lock file does: `npm:hono@4.13.19`. */
function named(): string[] {
  const targets: string[] = Object.values(denoJson.imports);
  const packages = targets.flatMap((target) => target.match(/^npm:@?[^@]+@[^/]+/) ?? []);
  return [...new Set(packages)].sort();
}

testWith([readsLocks], "deno.lock has what deno.json names, and so a start fetches no more", () => {
  assertEquals(Object.keys(readLock("deno.lock").specifiers).sort(), named());
});

testWith([readsLocks], "tests/deno.lock has all of deno.lock, word for word, and more", () => {
  const [start, tests] = [readLock("deno.lock"), readLock("tests/deno.lock")];
  for (const [name, version] of Object.entries(start.npm)) assertEquals(tests.npm[name], version);
  for (const name of ["deno-std@1.4.0", "fast-check@4.10.2", "playwright-core@1.65.1"]) {
    assert(name in tests.npm && !(name in start.npm), name);
  }
});

testWith([readsLocks], "examples stand on the packages that deno.json names", () => {
  const examples = [...Deno.readDirSync(new URL("examples/", root))]
    .filter(({ isDirectory }) => isDirectory);
  assert(examples.length > 3);
  const targets = Object.entries(denoJson.imports);
  for (const { name } of examples) {
    const path = new URL(`examples/${name}/deno.json`, root);
    const { imports } = JSON.parse(Deno.readTextFileSync(path));
    const common = targets.filter(([specifier]) => specifier in imports);
    assert(common.some(([specifier]) => specifier === "hono"), name);
    for (const [specifier, target] of common) assertEquals(imports[specifier], target, name);
  }
});

testWith([{ name: "run" }, readsLocks], "deno.lock is up to date", async () => {
  const graph = ["main.ts", "worker.ts", "tools/build.ts", "lib/web/page.ts", "lib/web/worker.ts"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--lock=deno.lock", "--frozen", ...graph],
    cwd: root,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
});
