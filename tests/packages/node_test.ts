import { assertEquals, assertMatch } from "@std/assert";
import type { Plugin } from "esbuild";
import { testWith } from "../permissions.ts";
import { ANSWERED, EXERCISED, NEEDS, Project, shownIn } from "./project.ts";

/** Where the machine's own Node is older than the packages ask for. */
const NODE = "node@22.23.3";

/** What ends a busy worker there, and a limit of its memory. */
const ON_NODE = {
  cancelled: "not wanted any more",
  afterCancel: 14,
  full: "WorkerCrashedError: Worker terminated due to reaching memory limit: JS heap out of memory",
  afterFull: 16,
  restarts: 2,
  wedged: 0,
};

testWith(NEEDS, "the packages, installed in a Node project", async (t) => {
  const files = ["api.ts", "node_worker.ts", "exercise.ts", "over_http.ts", "node.ts"];
  const isOld = ownVersion() < 20.16;
  await using project = await Project.make(files, isOld ? [NODE] : []);
  await project.strip();
  const node = isOld ? `${project.folder}/node_modules/.bin/node` : "node";

  await t.step("do what they promise", async () => {
    const told = JSON.parse(await project.run(node, "node.js"));
    assertEquals(told, [EXERCISED, ANSWERED, ON_NODE]);
  });

  await t.step("do what docs/where-it-runs.md shows", async () => {
    for (const file of shownIn("docs/where-it-runs.md")) await project.write(...file);
    assertEquals(await project.run(node, "main.js"), "42\n");
  });

  await t.step("keep the contract of all backends", async () => {
    await addContract(project);
    const told = await project.run(node, "--test", "--test-reporter=tap", "node_contract.js");
    assertMatch(told, /^# pass [1-9]\d/m);
  });
});

/** Bundles the contract, but for the pool, which is the one that is installed. */
async function addContract(project: Project): Promise<void> {
  // Here, where it may read the environment, as it does when it is imported.
  const { bundle, endBundling } = await import("../../tools/build/bundle.ts");
  const installed: Plugin = {
    name: "installed",
    setup({ onResolve }) {
      onResolve({ filter: /\/lib\/pool\/\w+\.ts$/ }, ({ path }) => {
        const door = path.match(/\w+(?=\.ts$)/)![0];
        return { path: `@off-the-loop/pool${door === "mod" ? "" : `/${door}`}`, external: true };
      });
    },
  };
  const entryPoints = ["node_contract", "node_contract_worker"]
    .map((name) => `tests/packages/fixtures/${name}.ts`);
  const { files } = await bundle("dist", {
    entryPoints,
    platform: "node",
    plugins: [installed],
    splitting: false,
  });
  await endBundling();
  for (const [name, text] of files) await project.write(name, new TextDecoder().decode(text));
}

/** The version of the machine's Node, as far as it matters; 0 if there is none. */
function ownVersion(): number {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"] }).outputSync();
    const [, major, minor] = new TextDecoder().decode(stdout).match(/^v(\d+)\.(\d+)/) ?? [];
    return Number(major) + Number(minor) / 100;
  } catch {
    return 0;
  }
}
