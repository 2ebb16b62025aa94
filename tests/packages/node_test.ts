import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { ANSWERED, EXERCISED, NEEDS, Project } from "./project.ts";

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

testWith(NEEDS, "the packages, installed in a Node project", async () => {
  const files = ["api.ts", "node_worker.ts", "exercise.ts", "over_http.ts", "node.ts"];
  const isOld = ownVersion() < 20.16;
  await using project = await Project.make(files, isOld ? [NODE] : []);
  await project.strip();
  const node = isOld ? `${project.folder}/node_modules/.bin/node` : "node";
  const told = JSON.parse(await project.run(node, "node.js"));
  assertEquals(told, [EXERCISED, ANSWERED, ON_NODE]);
});

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
