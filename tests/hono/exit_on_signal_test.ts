import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { exitOnSignal } from "../../lib/hono/mod.ts";
import { Program, STARTS_PROGRAMS } from "../e2e/service.ts";
import { later, within } from "../e2e/waiting.ts";
import { testWith } from "../permissions.ts";

const HOUR_MS = "3600000";

/** Starts a program that stops in one of these ways, and waits until it listens to signals. */
async function started(
  way: "done" | "failed" | "throws" | "endless",
  graceMs: string,
): Promise<Program> {
  const program = new Program(["run", "tests/fixtures/exits_on_signal.ts", way, graceMs]);
  await within(20_000, "ready", program.stdout.find((line) => line === "ready"));
  return program;
}

/** Waits for its end. @returns What it exited with, and all that it said. */
async function ended(program: Program): Promise<[number, string[]]> {
  const { code } = await within(20_000, "end", program.status);
  return [code, program.stdout.all];
}

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
  testWith(
    STARTS_PROGRAMS,
    `exitOnSignal() stops at ${signal} and exits when that is done`,
    async () => {
      await using program = await started("done", HOUR_MS);
      program.signal(signal);
      assertEquals(await ended(program), [0, ["ready", signal]]);
    },
  );
}

for (const way of ["failed", "throws"] as const) {
  testWith(
    STARTS_PROGRAMS,
    `exitOnSignal() exits with 1 if stopping ${way}, and says why`,
    async () => {
      await using program = await started(way, HOUR_MS);
      program.signal("SIGTERM");
      assertEquals(await ended(program), [1, ["ready", "SIGTERM"]]);
      assertStringIncludes(program.stderr.all.join("\n"), "It can't be closed");
    },
  );
}

Deno.test("exitOnSignal() takes no time that is none", () => {
  for (const ms of [NaN, -1]) {
    assertThrows(() => exitOnSignal(() => Promise.resolve(), { graceMs: ms }), RangeError);
    assertThrows(() => exitOnSignal(() => Promise.resolve(), { lingerMs: ms }), RangeError);
  }
});

testWith(STARTS_PROGRAMS, "exitOnSignal() exits when stopping takes too long", async () => {
  await using program = await started("endless", "1");
  program.signal("SIGTERM");
  assertEquals(await ended(program), [0, ["ready", "SIGTERM"]]);
});

testWith(STARTS_PROGRAMS, "exitOnSignal() waits as long as a timer can", async () => {
  await using program = await started("endless", String(2 ** 31));
  program.signal("SIGINT");
  await within(20_000, "first signal", program.stdout.find((line) => line === "SIGINT"));
  // A second signal ends it, and nothing has before.
  assertEquals((await program.insist("SIGINT")).code, 130);
  assertEquals(program.stdout.all, ["ready", "SIGINT"]);
});

testWith(STARTS_PROGRAMS, "exitOnSignal() lets a large answer get out", async () => {
  const args = ["serve", "-A", "--host=127.0.0.1", "--port=0", "tests/fixtures/serves_large.ts"];
  await using program = new Program(args);
  const listening = program.stderr.find((line) => line.includes("Listening on"));
  const [url] = (await within(20_000, "start", listening))!.match(/http:\/\/[\d.:]+/)!;
  const answer = later(fetch(url).then((response) => response.text()));
  await within(20_000, "request", program.stdout.find((line) => line === "asked"));
  program.signal("SIGTERM");
  assertEquals((await within(20_000, "answer", answer)).length, 5_000_000);
  assertEquals((await within(20_000, "end", program.status)).code, 0);
});
