import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import bigDecimal from "../../lib/big_decimal/deno.json" with { type: "json" };
import hono from "../../lib/hono/deno.json" with { type: "json" };
import pool from "../../lib/pool/deno.json" with { type: "json" };
import root from "../../deno.json" with { type: "json" };
import { testWith } from "../permissions.ts";
import { NEEDS, Project } from "./project.ts";

Deno.test("packages have one version and one license", () => {
  for (const { name, version, license } of [bigDecimal, hono, pool]) {
    assertEquals({ name, version, license }, { name, version: pool.version, license: "MIT" });
  }
});

Deno.test("packages import what the project imports, word for word", () => {
  const ours: Record<string, string> = root.imports;
  for (const [name, target] of Object.entries({ ...hono.imports, ...pool.imports })) {
    assertEquals({ name, target }, { name, target: ours[name] });
  }
});

Deno.test("every door of a package is linted for documentation", () => {
  for (const { name, exports } of [hono, pool]) {
    for (const file of Object.values(exports)) {
      const path = name.replace("@off-the-loop", "lib") + file.slice(1);
      assertStringIncludes(root.tasks.rules.command, ` ${path} `);
    }
  }
});

testWith(NEEDS, "an npm package says what it needs", async () => {
  await using project = await Project.make([]);
  const read = async (name: string) => {
    const folder = `${project.folder}/node_modules/@off-the-loop/${name}`;
    assert((await Deno.readTextFile(`${folder}/LICENSE`)).startsWith("MIT License"));
    return JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  };
  const { exports, ...about } = await read("pool");
  assertEquals(Object.keys(exports), Object.keys(pool.exports));
  assertEquals(exports["./worker"].types, "./worker.d.ts");
  assertEquals(about, {
    name: pool.name,
    version: pool.version,
    description: pool.description,
    license: "MIT",
    type: "module",
    main: "./mod.js",
    types: "./mod.d.ts",
    sideEffects: false,
    engines: { node: ">=20.16" },
    dependencies: { "comlink": "^4.4.2", "lru-cache": "^11.5.3" },
    peerDependencies: { "@opentelemetry/api": "^1.10.0" },
    peerDependenciesMeta: { "@opentelemetry/api": { optional: true } },
  });
  const { dependencies, peerDependencies } = await read("hono");
  const peers = { "hono": "^4.13.19", "@off-the-loop/pool": `^${pool.version}` };
  assertEquals({ dependencies, peerDependencies }, { dependencies: {}, peerDependencies: peers });
});
