import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { configureLog } from "../../lib/log.ts";
import { type Program, Supervised } from "../../tools/cluster/supervised.ts";
import { lines } from "../../tools/cluster/lines.ts";
import { STARTS_PROGRAMS } from "../e2e/service.ts";
import { within } from "../e2e/waiting.ts";
import { testWith } from "../permissions.ts";
import { lives } from "./cluster.ts";

/** A program that says a word when it is ready, and then waits. `onReady` hears of each of its processes. */
function program(code: string, onReady: (child: Deno.ChildProcess) => void): Program {
  return {
    role: "instance",
    url: "http://127.0.0.1:1/",
    spawn: () =>
      new Deno.Command(Deno.execPath(), {
        args: ["eval", code],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn(),
    async ready(child) {
      for await (const _line of lines(child.stdout)) {
        onReady(child);
        return true;
      }
      return false;
    },
  };
}

const WAITS = `console.log("ready"); await Deno.stdin.read(new Uint8Array(1))`;

testWith(STARTS_PROGRAMS, "Supervised starts a process again until it is told to end", async () => {
  configureLog("error", () => {});
  const seen: number[] = [];
  let changed = Promise.withResolvers<void>();
  const supervised = new Supervised(program(WAITS, ({ pid, stdin }) => {
    stdin.close().catch(() => {});
    seen.push(pid);
    changed.resolve();
    changed = Promise.withResolvers();
  }));
  // Its input is closed at once: it ends by itself, again and again.
  await supervised.start();
  while (seen.length < 3) await within(10_000, "another start", changed.promise);
  await supervised.end("SIGKILL");
  assertEquals(new Set(seen).size, seen.length);
  for (const pid of seen) assert(!lives(pid));
});

testWith(STARTS_PROGRAMS, "Supervised says so if its first process ends too early", async () => {
  const early = program("Deno.exit(3)", () => {});
  const supervised = new Supervised({
    ...early,
    ready(child) {
      child.stdin.close().catch(() => {});
      return early.ready(child);
    },
  });
  await assertRejects(() => supervised.start(), Error, "The instance ended with 3 before it was");
  // It is over: nothing is there to be ended.
  await supervised.end("SIGTERM");
  assertEquals(supervised.pid, 0);
});

testWith(
  STARTS_PROGRAMS,
  "end() ends a process, and what it is told twice is no error",
  async () => {
    let child: Deno.ChildProcess | undefined;
    const supervised = new Supervised(program(WAITS, (started) => child = started));
    await supervised.start();
    assertNotEquals(supervised.pid, 0);
    await Promise.all([supervised.end("SIGTERM"), supervised.end("SIGTERM")]);
    await supervised.end("SIGTERM");
    await child!.stdin.close().catch(() => {});
    assertEquals((await child!.status).signal, "SIGTERM");
  },
);
