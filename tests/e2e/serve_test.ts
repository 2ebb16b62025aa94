/** The service without its own program: by `deno serve`, and where there are no Web Workers. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testWith } from "../permissions.ts";
import { PERMISSION_FLAGS, Program, STARTS_PROGRAMS } from "./service.ts";
import { pause, within } from "./waiting.ts";

/** Asks until the answer is as it should be. */
async function until(url: string, expected: (text: string) => boolean): Promise<void> {
  const look = async () => {
    while (!expected(await (await fetch(url)).text())) await pause(5);
  };
  await within(20_000, url, look());
}

testWith(STARTS_PROGRAMS, "deno serve runs the service, with all of its workers", async () => {
  const args = ["serve", ...PERMISSION_FLAGS, "--allow-read", "--host=127.0.0.1", "--port=0"];
  await using program = new Program([...args, "serve.ts"], { WORKERS: "3" });
  const line = await program.stderr.find((line) => line.includes("Listening on"));
  const [url] = line!.match(/http:\/\/127\.0\.0\.1:\d+/)!;
  const response = await fetch(`${url}/33`);
  assertEquals(await response.text(), "3524578");
  assertStringIncludes(response.headers.get("server-timing")!, "worker;desc=");
  await until(`${url}/metrics`, (text) => text.includes(`fib_pool_slots{state="idle"} 3`));
  assertEquals(await (await fetch(`${url}/readyz`)).json(), { status: "ready" });
  program.signal("SIGTERM");
  assertEquals((await within(10_000, "end", program.status)).code, 0);
});

testWith(STARTS_PROGRAMS, "deno serve says in one line what is wrong with a setting", async () => {
  const args = ["serve", ...PERMISSION_FLAGS, "--allow-read", "--host=127.0.0.1", "--port=0"];
  // What `deno serve` has flags for is not looked at.
  const env = { PORT: "many", HOST: "?", OPS_PORT: "x", WORKERS: "0" };
  await using program = new Program([...args, "serve.ts"], env);
  const { code } = await within(20_000, "end of the program", program.status);
  const lines = program.stderr.all;
  assertEquals([code, lines.length], [2, 1], lines.join("\n"));
  assertMatch(lines[0], /^WORKERS is "0": must be /);
});

testWith(
  STARTS_PROGRAMS,
  "without Web Workers the service computes on its own thread",
  async () => {
    const script = "tests/fixtures/without_workers.ts";
    await using program = new Program(["run", "-A", script]);
    const url = await program.stdout.find((line) => line.startsWith("http://"));
    const response = await fetch(`${url}/100000`);
    assertEquals((await response.text()).length, 20_899);
    assertStringIncludes(response.headers.get("server-timing")!, "cache;desc=miss");
    const again = await fetch(`${url}/100000`);
    await again.body?.cancel();
    assertStringIncludes(again.headers.get("server-timing")!, "cache;desc=hit");
    const infeasible = await fetch(`${url}/60?algorithm=naive`);
    await infeasible.body?.cancel();
    assertEquals(infeasible.status, 422);
    assertEquals(await (await fetch(`${url}/readyz`)).json(), { status: "ready" });
  },
);
