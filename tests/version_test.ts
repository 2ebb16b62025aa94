import { assert, assertEquals } from "@std/assert";
import denoJson from "../deno.json" with { type: "json" };
import { OPENAPI } from "../lib/http/openapi.ts";
import { VERSION } from "../lib/version.ts";
import { Program, STARTS_PROGRAMS } from "./e2e/service.ts";
import { testWith } from "./permissions.ts";

const changelog = new URL("../CHANGELOG.md", import.meta.url);

Deno.test("deno.json and /openapi.json have the version", () => {
  assertEquals([denoJson.version, OPENAPI.info.version], [VERSION, VERSION]);
});

testWith([{ name: "read", path: changelog }], "the changelog begins with the version", () => {
  const [first] = Deno.readTextFileSync(changelog).split("\n").filter((line) => /^## /.test(line));
  assert(first === `## ${VERSION}` || first.startsWith(`## ${VERSION} (`), first);
});

testWith(STARTS_PROGRAMS, "--version prints the version, and starts nothing", async () => {
  await using program = new Program(["task", "start", "--version"]);
  assertEquals((await program.status).code, 0);
  assertEquals(program.stdout.all, [VERSION]);
});
