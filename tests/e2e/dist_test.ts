// What `deno task build` made, on a machine that has Deno and nothing else.

import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../permissions.ts";
import { assertAnswers33, get } from "./client.ts";
import { Program, type Service, STARTS_PROGRAMS, startService } from "./service.ts";
import { within } from "./waiting.ts";

const NEEDS = [...STARTS_PROGRAMS, { name: "write" }] as const;

const root = new URL("../../", import.meta.url);

function test(name: string, run: () => Promise<void>): void {
  testWith(NEEDS, name, run);
}

/** Builds, unless that was done before. */
async function build(): Promise<void> {
  await using program = new Program(["task", "build"]);
  const { code } = await within(60_000, "build", program.status);
  assertEquals(code, 0, program.stderr.all.join("\n"));
  // Where it is part of a start, this belongs to the service.
  assertEquals(program.stdout.all, []);
}

/** Asserts that `/` is the page, that all it names is there, and the dashboard too. */
async function assertServesPage(service: Service): Promise<void> {
  const page = await get(service, "/");
  assertEquals(page.status, 200);
  const assets = [...page.body.matchAll(/"(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  assertEquals(assets.length, 3);
  for (const path of assets) assertEquals((await get(service, path)).status, 200, path);
  assertMatch((await get(service, "/dashboard")).body, /<h1>Dashboard</);
}

test("deno task start serves page and dashboard", async () => {
  await build();
  await using service = await startService();
  await assertServesPage(service);
});

test("a copy of dist/ runs by itself: no package, no cache, no network", async () => {
  await build();
  const folder = await Deno.makeTempDir();
  try {
    await copy(new URL("dist/", root), `${folder}/service/`);
    // Nobody answers at port 1: whatever has to be fetched first would fail the start.
    const nowhere = "http://127.0.0.1:1/";
    await using service = await startService({
      folder: `${folder}/service`,
      env: { DENO_DIR: `${folder}/cache`, NPM_CONFIG_REGISTRY: nowhere, JSR_URL: nowhere },
    });
    await assertAnswers33(service);
    // A worker's WebAssembly, and the cache, which is imported on demand.
    assertEquals((await get(service, "/100000")).body.length, 20_899);
    assertMatch((await get(service, "/100000")).headers.get("server-timing")!, /^cache;desc=hit/);
    await assertServesPage(service);
    service.signal("SIGTERM");
    const { code } = await within(10_000, "end", service.status);
    assertEquals([code, service.stdout.all.length], [0, 1]);
    const messages = service.log.map((line) => JSON.parse(line).message);
    assertEquals(messages, ["started", "stopping", "stopped"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("where the dashboard's manifest is broken, / is a list of links, and the log says so once", async () => {
  await build();
  const folder = await Deno.makeTempDir();
  try {
    await copy(new URL("dist/", root), `${folder}/service/`);
    await Deno.writeTextFile(`${folder}/service/web/manifest.json`, "[");
    await using service = await startService({ folder: `${folder}/service` });
    for (let i = 0; i < 3; i++) {
      const { status, body } = await get(service, "/");
      assertEquals([status, body.includes(`<a href="33">`)], [200, true], body);
    }
    const errors = service.log.filter((line) => line.includes(`"level":"error"`));
    assertEquals(errors.length, 1, service.log.join("\n"));
    assertMatch(errors[0], /page can't be read: build it again/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function copy(from: URL, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(new URL(`${name}/`, from), `${to}${name}/`);
    else await Deno.copyFile(new URL(name, from), to + name);
  }
}
