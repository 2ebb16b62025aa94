/** What the pages in docs/ show, done. Their services are one cluster. */

import { assert, assertEquals } from "@std/assert";
import { Cluster, STARTS_CLUSTERS } from "./cluster/cluster.ts";
import { Balanced } from "../bench/chaos/cluster/balanced.ts";
import { balancerProgram } from "../tools/cluster/balancer.ts";
import { type Need, testWith } from "./permissions.ts";

const root = new URL("../", import.meta.url);
const PAGES = ["comparison", "production", "operations", "security"];
const readsPages = { name: "read", path: root } as const;

function page(name: string): string {
  return Deno.readTextFileSync(new URL(`docs/${name}.md`, root));
}

/** A page's blocks of one kind. */
function blocks(name: string, kind: string): string[] {
  const pattern = new RegExp("^```" + kind + "\\n([^]*?)^```$", "gm");
  return [...page(name).matchAll(pattern)].map(([, block]) => block);
}

async function shell(command: string): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    cwd: root,
  }).output();
  const decoder = new TextDecoder();
  return { code, said: code === 0 ? decoder.decode(stdout) : decoder.decode(stderr) };
}

testWith(
  [...STARTS_CLUSTERS, { name: "program", program: "curl" }],
  "the sessions of the pages look as they say",
  async () => {
    await using cluster = await Cluster.start();
    const sessions = PAGES.flatMap((name) => blocks(name, "console"));
    const steps = sessions.flatMap((session) => session.split(/^\$ /m).slice(1));
    assert(steps.length > 3);
    for (const step of steps) {
      const [command] = step.split("\n", 1);
      const expected = step.slice(command.length + 1).trimEnd();
      const { code, said } = await shell(command.replace("localhost:8000/", cluster.at("/")));
      assertEquals([code, said.trimEnd()], [0, expected], command);
    }
  },
);

// Where they may not be read, there are no tests of them.
const mayRead = Deno.permissions.querySync(readsPages).state === "granted";

for (const command of mayRead ? PAGES.flatMap((name) => blocks(name, "sh")) : []) {
  const [program] = command.split(" ", 1);
  const needs: Need[] = [...STARTS_CLUSTERS, { name: "program", program }];
  testWith(needs, `the pages' "${command.trim()}" does what it is to do`, async () => {
    const { code, said } = await shell(command);
    assertEquals([code, code === 0 ? "" : said], [0, ""]);
  });
}

testWith(
  STARTS_CLUSTERS,
  "the rule in docs/security.md lets the public paths through, and no other",
  async () => {
    const [rule] = blocks("security", "haproxy");
    const handler = (request: Request) => new Response(new URL(request.url).pathname);
    await using balanced = await Balanced.start([handler], {
      program: (balancing) =>
        balancerProgram(balancing, (config) => config.replace(/^frontend public\n/m, `$&${rule}`)),
    });
    const statuses = async (paths: string[]) => {
      const statuses: number[] = [];
      for (const path of paths) {
        const response = await fetch(balanced.at(path));
        await response.body?.cancel();
        statuses.push(response.status);
      }
      return statuses;
    };
    const open = ["/33", "/33?algorithm=naive", "/sequence?from=1", "/openapi.json"];
    assertEquals(await statuses(open), open.map(() => 200));
    const closed = ["/", "/metrics", "/%6detrics", "/events", "/readyz", "/assets/x.js", "/33/"];
    assertEquals(await statuses(closed), closed.map(() => 404));
    // Health checks don't come this way.
    assertEquals(balanced.stubs[0].asked, open.length);
  },
);
