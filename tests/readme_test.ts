/** What the README shows, done. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { markdownTable } from "../tools/settings_table.ts";
import { Program, STARTS_PROGRAMS, startService } from "./e2e/service.ts";
import { within } from "./e2e/waiting.ts";
import { parse } from "./hono/event_client.ts";
import { testWith } from "./permissions.ts";

const root = new URL("../", import.meta.url);
const readsReadme = { name: "read", path: root } as const;

function readme(): string {
  return Deno.readTextFileSync(new URL("README.md", root));
}

/** The README's code blocks that begin with ``` and `kind`. */
function blocks(kind: string): string[] {
  const pattern = new RegExp("^```" + kind + "\\n([^]*?)^```$", "gm");
  return [...readme().matchAll(pattern)].map(([, block]) => block);
}

/** What differs from one answer to the next, made the same. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/^date: .*$/gm, "date: …")
    .replaceAll(/about \d+ hours/g, "about … hours")
    .replaceAll(/dur=[\d.]+/g, "dur=…")
    .replaceAll(/worker;desc=\d+/g, "worker;desc=…")
    .replaceAll(/"requestId":"[^"]*"/g, '"requestId":"…"')
    .replaceAll("\r", "")
    .trimEnd();
}

testWith([readsReadme], "the README's table of settings is that of lib/config.ts", () => {
  assert(readme().includes(`\n${markdownTable()}`));
});

testWith([readsReadme], "the README names files that are there", () => {
  const links = [...readme().matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path);
  assert(links.length > 10);
  for (const path of links) assert(Deno.statSync(new URL(path, root)).isFile, path);
});

testWith(
  [...STARTS_PROGRAMS, { name: "program", program: "curl" }],
  "the README's session with curl looks as it says",
  async () => {
    await using service = await startService();
    const [session] = blocks("console");
    const steps = session.split(/^\$ /m).slice(1);
    assert(steps.length > 5);
    for (const step of steps) {
      const [command] = step.split("\n", 1);
      const expected = step.slice(command.length + 1);
      const { stdout } = await new Deno.Command("sh", {
        args: [
          "-c",
          command.replace("localhost:8000/", service.at("/")).replace("curl", "curl -s"),
        ],
      }).output();
      assertEquals(
        withoutChance(new TextDecoder().decode(stdout)),
        withoutChance(expected),
        command,
      );
    }
  },
);

testWith(
  [...STARTS_PROGRAMS, { name: "write" }],
  "the README's service of one's own works",
  async () => {
    const [worker, service] = blocks("ts ignore");
    assert(service.split("\n").length < 30);
    const directory = await Deno.makeTempDir();
    try {
      const write = (name: string, text: string) =>
        Deno.writeTextFile(
          `${directory}/${name}`,
          text.replaceAll('"./lib/', `"${new URL("lib/", root)}`),
        );
      await write("primes_worker.ts", worker);
      await write("primes.ts", service);
      const config = ["--config", new URL("deno.json", root).pathname];
      const files = ["primes.ts", "primes_worker.ts"].map((name) => `${directory}/${name}`);
      // Not when it runs: the worker would have its types checked while its first call waits.
      await using check = new Program(["check", ...config, ...files]);
      assertEquals((await check.status).code, 0, check.stderr.all.join("\n"));
      const serve = ["serve", "-A", "--host", "127.0.0.1", "--port", "0", ...config];
      await using program = new Program([...serve, files[0]]);
      const line = await program.stderr.find((line) => line.includes("Listening on"));
      const [, port] = line!.match(/:(\d+)/)!;
      const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
      assertEquals(await (await get("/next-prime?from=1000000")).text(), "1000003\n");
      const problem = await (await get("/next-prime?from=x")).json();
      assertEquals([problem.status, problem.code], [400, "bad-parameter"]);
      assertEquals(await (await get("/readyz")).json(), { status: "ready" });
      assertMatch(await (await get("/dashboard")).text(), /<h1>Dashboard</);
      const events = (await get("/events")).body!.pipeThrough(new TextDecoderStream()).getReader();
      const [, { data }] = parse((await events.read()).value!);
      assertEquals([data.spans[0].method, data.spans[0].end], ["nextPrime", "done"]);
      await events.cancel();
      program.signal("SIGTERM");
      assertEquals((await within(10_000, "end", program.status)).code, 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);
