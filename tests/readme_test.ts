/** What the README shows, done. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { markdownTable } from "../tools/settings_table.ts";
import { Program, STARTS_PROGRAMS, startService } from "./e2e/service.ts";
import { within } from "./e2e/waiting.ts";
import { parse } from "./hono/event_client.ts";
import { NEEDS, shownIn } from "./packages/project.ts";
import { testWith } from "./permissions.ts";

const root = new URL("../", import.meta.url);
const readsReadme = { name: "read", path: root } as const;

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, root));
}

/** A document's code blocks that begin with ``` and `kind`. */
function blocks(kind: string, path = "README.md"): string[] {
  const pattern = new RegExp("^```" + kind + "\\n([^]*?)^```$", "gm");
  return [...read(path).matchAll(pattern)].map(([, block]) => block);
}

/** The commands of a session, each with what it prints. */
function stepsOf(session: string): { command: string; printed: string }[] {
  return session.split(/^\$ /m).slice(1).map((step) => {
    const [command] = step.split("\n", 1);
    return { command, printed: step.slice(command.length + 1) };
  });
}

/** Runs a shell's commands, with this Deno. @returns What they print, errors included. */
async function shell(commands: string, cwd: string | URL): Promise<{ code: number; said: string }> {
  const bin = Deno.execPath().replace(/\/[^/]*$/, "");
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-ec", `PATH="${bin}:$PATH"; ${commands}`],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** What differs from one answer to the next, made the same. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/^date: .*$/gm, "date: …")
    .replaceAll(/about [\d.]+ hours/g, "about … hours")
    .replaceAll(/dur=[\d.]+/g, "dur=…")
    .replaceAll(/worker;desc=\d+/g, "worker;desc=…")
    .replaceAll(/"requestId":"[^"]*"/g, '"requestId":"…"')
    .replaceAll(/after \d+ milliseconds/g, "after … milliseconds")
    // On a busy machine some of many at once are too late.
    .replaceAll(/^ *\d+ 504 Retry-After: \n/gm, "")
    .replaceAll(/^ *\d+ (\d{3} Retry-After: )\d*$/gm, "… $1")
    .replaceAll(/(status="(?:200|503|504)"\}) \d+$/gm, "$1 …")
    .replaceAll("\r", "")
    .trimEnd();
}

testWith([readsReadme], "the README's table of settings is that of lib/config.ts", () => {
  assert(read("README.md").includes(`\n${markdownTable()}`));
});

testWith(
  [...STARTS_PROGRAMS, { name: "program", program: "curl" }],
  "the sessions with the Fibonacci service look as README.md and docs/fibonacci.md say",
  async () => {
    await using service = await startService();
    const [, session] = blocks("console");
    const steps = stepsOf(session + blocks("console", "docs/fibonacci.md").join(""));
    assert(steps.length > 6);
    for (const { command, printed } of steps) {
      const own = command.replace("localhost:8000/", service.at("/")).replace("curl", "curl -s");
      const { said } = await shell(own, root);
      assertEquals(withoutChance(said), withoutChance(printed), command);
    }
  },
);

testWith(
  [...NEEDS, ...STARTS_PROGRAMS, { name: "program", program: "curl" }],
  "the README's service of one's own works in an empty folder",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [, install, start] = blocks("sh");
      const own = install.replaceAll("../primes", folder).replace("npm install", "$& --no-audit");
      const installed = await shell(own, root);
      assertEquals(installed.code, 0, installed.said);
      const files = shownIn("README.md");
      assertEquals(files.map(([name]) => name), ["primes_worker.ts", "primes.ts"]);
      for (const [name, text] of files) {
        assert(text.split("\n").length < 30);
        await Deno.writeTextFile(`${folder}/${name}`, text);
      }
      await using check = new Program(["check", ...files.map(([name]) => name)], {}, folder);
      assertEquals((await check.status).code, 0, check.stderr.all.join("\n"));

      const [, ...args] = start.trim().replace("--port 8001", "--port 0").split(" ");
      await using program = new Program(args, {}, folder);
      const listening = program.stderr.find((line) => line.includes("Listening on"));
      const [host] = (await within(20_000, "start", listening))!.match(/127\.0\.0\.1:\d+/)!;
      const [session] = blocks("console");
      for (const { command, printed } of stepsOf(session)) {
        const own = command.replaceAll("localhost:8001", host).replaceAll(
          /curl (?!-s)/g,
          "curl -sS ",
        );
        const { said } = await shell(own, folder);
        assertEquals(withoutChance(said), withoutChance(printed), command);
      }
      const get = (path: string) => fetch(`http://${host}${path}`);
      assertEquals(await (await get("/readyz")).json(), { status: "ready" });
      assertMatch(await (await get("/dashboard")).text(), /<h1>Dashboard</);
      const events = (await get("/events")).body!.pipeThrough(new TextDecoderStream()).getReader();
      const [, { data }] = parse((await events.read()).value!);
      assertEquals([data.spans[0].method, data.spans[0].end], ["nextPrime", "done"]);
      await events.cancel();
      program.signal("SIGTERM");
      assertEquals((await within(10_000, "end", program.status)).code, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
