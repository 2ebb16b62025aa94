/** Each example as whoever copies it would see it: its own tests, and its README's session with curl. */

import assert from "node:assert/strict";
import { Program, STARTS_PROGRAMS } from "../tests/e2e/service.ts";
import { within } from "../tests/e2e/waiting.ts";
import { testWith } from "../tests/permissions.ts";

const CURL = { name: "program", program: "curl" } as const;

const here = new URL("./", import.meta.url);
const folders = [...Deno.readDirSync(here)].filter(({ isDirectory }) => isDirectory);

/** The commands of a README's sessions, each with what it prints. */
function steps(readme: string): { command: string; printed: string }[] {
  const sessions = [...readme.matchAll(/^```console\n([^]*?)^```$/gm)];
  return sessions.flatMap(([, session]) => session.split(/^\$ /m).slice(1)).map((step) => {
    const command = step.slice(0, step.indexOf("\n"));
    return { command, printed: step.slice(command.length + 1) };
  });
}

/** What differs from one time to the next, made the same. */
function withoutChance(text: string): string {
  return text
    .replaceAll(/"requestId":"[^"]*"/g, '"requestId":"…"')
    .replaceAll(/[0-9a-f]{32,}/g, "…")
    .replaceAll(/^ +\d+ /gm, "… ")
    .replaceAll(/Retry-After: \d+/g, "Retry-After: …")
    .replaceAll("\r", "")
    .trimEnd();
}

for (const { name } of folders) {
  const folder = new URL(`${name}/`, here);

  testWith(STARTS_PROGRAMS, `${name}: format, lint, types, and tests of its own`, async () => {
    await using task = new Program(["task", "ok"], {}, folder);
    const { code } = await task.status;
    assert.equal(code, 0, [...task.stdout.all, ...task.stderr.all].join("\n"));
  });

  const says = `${name}: one command starts it, and it answers as its README says`;
  testWith([...STARTS_PROGRAMS, CURL], says, async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", folder)));
    const args = tasks.start.replace("deno serve", "serve --port=0").split(" ");
    await using service = new Program(args, {}, folder);
    const line = await within(
      20_000,
      "start",
      service.stderr.find((line) => line.includes("Listening on")),
    );
    const [host] = line!.match(/127\.0\.0\.1:\d+/)!;
    const session = steps(await Deno.readTextFile(new URL("README.md", folder)));
    assert.ok(session.length > 2);
    for (const { command, printed } of session) {
      const own = command.replaceAll("localhost:8000", host).replaceAll("curl ", "curl -s ");
      const { stdout } = await new Deno.Command("sh", { args: ["-c", own], cwd: folder }).output();
      const text = new TextDecoder().decode(stdout);
      assert.equal(withoutChance(text), withoutChance(printed), command);
    }
  });
}
