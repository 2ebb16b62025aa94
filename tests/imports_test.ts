/** The architecture as a rule: which part may import which. */

import { assert, assertEquals } from "@std/assert";
import { testWith } from "./permissions.ts";

const root = new URL("../", import.meta.url);

/** What each part of lib/ may import of the others. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "big_decimal": [],
  "fibonacci": ["big_decimal"],
  "pool": [],
  "hono": ["pool"],
  "compute": ["fibonacci", "hono", "pool"],
  "http": ["compute", "hono", "log.ts", "pool", "version.ts"],
  "config.ts": ["fibonacci", "log.ts", "pool"],
  "log.ts": [],
  "listen.ts": ["log.ts"],
  "priority.ts": [],
  "trusted_proxies.ts": [],
  "otel_metrics.ts": ["pool"],
  "process_metrics.ts": ["hono", "version.ts"],
  "version.ts": [],
  "service.ts": [
    "compute",
    "config.ts",
    "descriptor_reserve.ts",
    "fibonacci",
    "hono",
    "http",
    "log.ts",

    "otel_metrics.ts",
    "pool",
    "process_metrics.ts",
    "trusted_proxies.ts",
  ],
  "descriptor_reserve.ts": [],
  "web": ["compute", "fibonacci", "pool"],
};

/** What each may import beyond that, as long as nothing of it is there when it runs. */
const MAY_IMPORT_TYPES: Record<string, readonly string[]> = {
  "web": ["hono"],
};

/** Where the runtime may be named. */
const KNOWS_ITS_RUNTIME = [
  "hono/compress.ts",
  "hono/exit_on_signal.ts",
  "pool/node.ts",
  "pool/watchdog.ts",
];

function* modules(directory = "lib/"): Generator<{ path: string; text: string }> {
  for (const entry of Deno.readDirSync(new URL(directory, root))) {
    const path = `${directory}${entry.name}`;
    if (entry.isDirectory) yield* modules(`${path}/`);
    else if (path.endsWith(".ts") && !path.endsWith(".d.ts")) {
      yield { path: path.slice("lib/".length), text: Deno.readTextFileSync(new URL(path, root)) };
    }
  }
}

/** The modules of lib/ that a text imports or exports from, dynamic imports included. */
function* imports(path: string, text: string): Generator<{ imported: string; type: boolean }> {
  const code = text.replaceAll(/^\s*\*.*$/gm, "");
  const pattern =
    /(?:(?:import|export) (type )?[^;"]*from|import\(?)\s*"(\.[^"]+|@off-the-loop\/[^"]+)"/g;
  for (const [, type, specifier] of code.matchAll(pattern)) {
    const located = specifier.replace("@off-the-loop/", "/lib/");
    const { pathname } = new URL(located, `file:///lib/${path}`);
    yield { imported: pathname.slice("/lib/".length), type: type !== undefined };
  }
}

testWith([{ name: "read", path: root }], "imports run one way", () => {
  let seen = 0;
  for (const { path, text } of modules()) {
    const [part] = path.split("/");
    assert(part in MAY_IMPORT, `${path} belongs to no part: say here what it may import`);
    for (const { imported, type } of imports(path, text)) {
      const [other] = imported.split("/");
      const allowed = MAY_IMPORT[part].includes(other) ||
        (type && MAY_IMPORT_TYPES[part]?.includes(other));
      assert(part === other || allowed, `${path} imports ${imported}`);
      if (part !== other) seen++;
    }
  }
  assert(seen > 10, "the pattern finds no imports any more");
});

testWith(
  [{ name: "read", path: root }],
  "pool, hono, big_decimal, fibonacci, compute and web name neither Deno nor Node",
  () => {
    const naming = [...modules()].filter(({ path, text }) =>
      /^(pool|hono|big_decimal|fibonacci|compute|web)\//.test(path) &&
      /\bDeno\.|"node:/.test(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, ""))
    );
    assertEquals(naming.map(({ path }) => path).sort(), KNOWS_ITS_RUNTIME);
  },
);

/** What a door of a package loads, all told and not only on demand: the packages, and the parts of lib/. */
const LOADS: Record<string, { parts: readonly string[]; packages: readonly string[] }> = {
  "pool/mod.ts": { parts: ["pool"], packages: ["comlink"] },
  "pool/worker.ts": { parts: ["pool"], packages: ["comlink"] },
  "pool/inline.ts": { parts: ["pool"], packages: [] },
  "pool/cached.ts": { parts: ["pool"], packages: [] },
  "pool/parts.ts": { parts: ["pool"], packages: [] },
  "pool/watchdog.ts": { parts: ["pool"], packages: [] },
  "pool/otel.ts": { parts: ["pool"], packages: ["@opentelemetry/api"] },
  "pool/node.ts": { parts: ["pool"], packages: [] },
  "hono/mod.ts": { parts: ["hono", "pool"], packages: ["hono"] },
  "hono/worker.ts": { parts: ["hono", "pool"], packages: ["comlink", "hono"] },
};

testWith(
  [{ name: "read", path: root }],
  "ARCHITECTURE.md has the same table",
  () => {
    const text = Deno.readTextFileSync(new URL("ARCHITECTURE.md", root));
    const [, table] = /^\| part .*\n\|[ |-]*\n((?:\|.*\n)+)/m.exec(text)!;
    const rows = [...table.matchAll(/^\| `(.+?)` *\| (.*?) *\|/gm)].map(([, part, others]) =>
      [part, [...others.matchAll(/`(.+?)`/g)].map(([, other]) => other)] as const
    );
    // It imports nearly everything, as it puts it together.
    const { "service.ts": _, ...listed } = MAY_IMPORT;
    const { "service.ts": none, ...found } = Object.fromEntries(rows);
    assertEquals([found, none], [listed, []]);
  },
);

/** A module as `deno info --json` tells it. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

for (const [door, expected] of Object.entries(LOADS)) {
  testWith(
    [{ name: "read" }, { name: "run" }, { name: "env" }],
    `${door} loads no more than it must`,
    async () => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["info", "--json", new URL(`lib/${door}`, root).pathname],
      }).output();
      const { modules }: { modules: Module[] } = JSON.parse(new TextDecoder().decode(stdout));
      const known = new Map(modules.map((module) => [module.specifier, module]));
      const loaded = new Set([new URL(`lib/${door}`, root).href]);
      for (const specifier of loaded) {
        for (const { code, isDynamic } of known.get(specifier)?.dependencies ?? []) {
          if (code && !isDynamic) loaded.add(code.specifier);
        }
      }
      const parts = new Set<string>();
      const packages = new Set<string>();
      for (const specifier of loaded) {
        const name = /^npm:\/?(@?[^@]+)/.exec(specifier)?.[1];
        if (name) packages.add(name);
        else if (!specifier.startsWith("node:")) {
          parts.add(specifier.slice(new URL("lib/", root).href.length).split("/")[0]);
        }
      }
      assertEquals([...parts].sort(), expected.parts);
      assertEquals([...packages].sort(), expected.packages);
    },
  );
}
