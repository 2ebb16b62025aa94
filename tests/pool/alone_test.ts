// lib/pool as somebody else's: copied into another project, which imports Comlink and nothing more.

import { assertEquals } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import { copyFolder } from "../copy_folder.ts";
import { testWith } from "../permissions.ts";

const NEEDS = [{ name: "read" }, { name: "run" }, { name: "env" }, { name: "write" }] as const;

/** Stricter than the compiler is by default, and than the rest of this project. */
const STRICT = {
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
};

const WORKER = `import { serve } from "./pool/worker.ts";
serve({ double: (n: number) => 2 * n });
`;

const TEST = `import { WorkerPool } from "./pool/mod.ts";

const spawn = () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const pool = new WorkerPool<{ double(n: number): number }>({ spawn, size: 1 });
await pool.ready;

for (const deadlineMs of [1_000, 60_000]) {
  Deno.test(\`a shared pool, \${deadlineMs} ms\`, async () => {
    const results = await Promise.all([1, 2, 3].map((n) => pool.call("double", [n], { deadlineMs })));
    if (results.join() !== "2,4,6") throw new Error(results.join());
  });
}

Deno.test("a deadline that passes", async () => {
  const late = pool.call("double", [1], { deadlineMs: 0.001 });
  await late.then(() => {}, () => {});
});
`;

async function deno(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

testWith(NEEDS, "lib/pool stands on Comlink alone", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const pool = new URL("../../lib/pool/", import.meta.url);
    await copyFolder(pool, new URL(`file://${folder}/pool/`));
    // The doors that need a package more, and what names those.
    for (const name of ["cached.ts", "cache_answers.ts", "otel.ts", "deno.json"]) {
      await Deno.remove(`${folder}/pool/${name}`);
    }
    const config = { imports: { comlink: denoJson.imports.comlink }, compilerOptions: STRICT };
    Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(config));
    Deno.writeTextFileSync(`${folder}/worker.ts`, WORKER);
    Deno.writeTextFileSync(`${folder}/shared_test.ts`, TEST);

    await t.step("its types are right by the strictest rules", async () => {
      const { code, text } = await deno(folder, "check");
      assertEquals(code, 0, text);
    });

    await t.step("tests share a pool with sanitizers on", async () => {
      const args = ["test", "--allow-read", "--sanitize-ops", "--sanitize-resources"];
      const { code, text } = await deno(folder, ...args);
      assertEquals(code, 0, text);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
