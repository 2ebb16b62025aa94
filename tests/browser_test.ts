/** The pool and what it runs are for browsers too. */

import { assert, assertEquals } from "@std/assert";
import { testWith } from "./permissions.ts";

const lib = new URL("../lib/", import.meta.url).pathname;
const comlink = new URL(import.meta.resolve("comlink"));

testWith(
  [{ name: "read" }, { name: "run" }, { name: "env" }, { name: "write" }],
  "esbuild bundles pool, worker side and algorithms for browsers, with nothing of Deno or Node",
  async () => {
    // Not above: it looks at its environment as soon as it is imported.
    const esbuild = await import("esbuild");
    try {
      const { errors, warnings, outputFiles } = await esbuild.build({
        entryPoints: ["pool/mod.ts", "pool/worker.ts", "fibonacci/mod.ts"].map((p) => lib + p),
        bundle: true,
        write: false,
        outdir: "/",
        platform: "browser",
        format: "esm",
        // Loaded on demand where calls are traced.
        external: ["@opentelemetry/api"],
        plugins: [{
          name: "import map",
          setup: ({ onResolve }) =>
            onResolve({ filter: /^comlink$/ }, () => ({ path: comlink.pathname })),
        }],
      });
      assertEquals([errors, warnings], [[], []]);
      assertEquals(outputFiles.length, 3);
      for (const { text } of outputFiles) {
        assert(!/\bDeno\.|"node:/.test(text.replaceAll(/^\s*(\/\/|\*).*$/gm, "")));
      }
    } finally {
      await esbuild.stop();
    }
  },
);
