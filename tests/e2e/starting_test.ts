// What whoever starts the service sees: a ready line, or one line that says what is wrong.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../permissions.ts";
import { assertAnswers33, get } from "./client.ts";
import {
  NO_DEADLINE,
  PERMISSION_FLAGS,
  Program,
  Service,
  STARTS_PROGRAMS,
  startService,
  withoutTasks,
} from "./service.ts";
import { later, pause, within } from "./waiting.ts";

function test(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  testWith(STARTS_PROGRAMS, name, run);
}

/** @returns A port that nothing listens on. Somebody else could take it: then the test fails. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Runs a program that ends by itself. */
async function outcome(args: readonly string[], env?: Record<string, string>) {
  await using program = new Program(args, env);
  const { code } = await within(20_000, "end of the program", program.status);
  const stderr = withoutTasks(program.stderr.all);
  return { code, stdout: program.stdout.all, stderr };
}

/** Asserts that a start fails, and says why in one line. */
async function assertRefuses(
  expected: { code: number; says: RegExp },
  args: readonly string[],
  env?: Record<string, string>,
): Promise<void> {
  const { code, stdout, stderr } = await outcome(args, env);
  assertEquals(stdout, []);
  assertEquals(stderr.length, 1, stderr.join("\n"));
  assertMatch(stderr[0], expected.says);
  assertEquals(code, expected.code);
}

test("a start prints one ready line, and then the service answers", async () => {
  await using service = await startService();
  const { url, workers, readyMs } = service.ready;
  assertEquals(Object.keys(service.ready), ["url", "workers", "readyMs"]);
  assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assertEquals(workers, navigator.hardwareConcurrency);
  assert(Number.isInteger(readyMs) && readyMs > 0, `${readyMs}`);

  await assertAnswers33(service);
  for (const [path, body] of [["/healthz", "ok"], ["/readyz", "ready"]]) {
    const answer = await get(service, path);
    assertEquals([answer.status, JSON.parse(answer.body)], [200, { status: body }]);
  }
  service.signal("SIGTERM");
  await within(10_000, "end", service.status);
  assertEquals(service.stdout.all.length, 1);
});

test("OPS_PORT has the operator's routes, and PORT has them no more", async () => {
  const opsPort = freePort();
  await using service = await startService({ env: { OPS_PORT: String(opsPort) } });
  const { ready } = service;
  assertEquals(ready.ops, `http://127.0.0.1:${opsPort}/`);
  const statuses = async (base: string) => {
    const statuses: number[] = [];
    const paths = ["", "dashboard", "healthz", "readyz", "metrics", "%6detrics", "events", "33"];
    for (const path of paths) {
      const response = await fetch(base + path);
      await response.body?.cancel();
      statuses.push(response.status);
    }
    return statuses.join();
  };
  assertEquals(await statuses(ready.url), "404,404,404,404,404,404,404,200");
  assertEquals(await statuses(`http://127.0.0.1:${opsPort}/`), "200,200,200,200,200,200,200,200");
  assertEquals((await get(service, "/openapi.json")).status, 200);
});

test("OPS_PORT shows a drain to its end", async () => {
  const opsPort = freePort();
  await using service = await startService({
    env: { OPS_PORT: String(opsPort), WORKERS: "2", GRACE_MS: "60000", ...NO_DEADLINE },
  });
  const answer = later(get(service, "/37?algorithm=naive"));
  const metrics = async () => await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
  while (!(await metrics()).includes(`fib_pool_slots{state="busy"} 1`)) await pause(5);
  service.signal("SIGTERM");
  await service.logged("stopping");
  const readiness = await fetch(`http://127.0.0.1:${opsPort}/readyz`);
  assertEquals([readiness.status, (await readiness.json()).code], [503, "draining"]);
  const { status, body } = await within(60_000, "answer", answer);
  assertEquals([status, body], [200, "24157817"]);
  assertEquals((await within(10_000, "end", service.status)).code, 0);
});

test("flags may follow --, as npm's scripts want them", async () => {
  await using service = new Service(["--", "--port", "0"]);
  await service.started();
  await assertAnswers33(service);
});

test("on Linux, workers give up the priority that NICE tells, and the event loop none", async () => {
  if (Deno.build.os !== "linux") return;
  await using service = await startService({ env: { NICE: "7", WORKERS: "2" } });
  const tasks = `/proc/${service.servicePid}/task`;
  const threads = [...Deno.readDirSync(tasks)].map(({ name }) => {
    const stat = Deno.readTextFileSync(`${tasks}/${name}/stat`);
    // Behind the name, which may have spaces: the 19th of all fields.
    return {
      tid: Number(name),
      nice: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]),
    };
  });
  assertEquals(threads.filter(({ nice }) => nice === 7).length, 2);
  assertEquals(threads.find(({ tid }) => tid === service.servicePid)?.nice, 0);
});

test("--help prints every setting and exits with 0", async () => {
  const { code, stdout, stderr } = await outcome(["task", "start", "--help"]);
  assertEquals([code, stderr], [0, []]);
  assertMatch(stdout.join("\n"), /--port +PORT +port to listen on/);
});

test("a bad flag, a bad value or a stray argument is one line, and exits with 2", async () => {
  await Promise.all([
    assertRefuses({ code: 2, says: /^--port is "many": must be / }, [
      ...["task", "start", "--port", "many"],
    ]),
    assertRefuses({ code: 2, says: /^Unknown argument "--prot": --help / }, [
      ...["task", "start", "--prot", "0"],
    ]),
    assertRefuses({ code: 2, says: /^Unknown argument "now": --help / }, ["task", "start", "now"]),
    assertRefuses({ code: 2, says: /^--port is given more than once/ }, [
      ...["task", "start", "--port", "0", "--port=0"],
    ]),
    assertRefuses({
      code: 2,
      says: /^TRUSTED_PROXIES is "10.0.0.0\/99": .* is neither an address nor a network such as /,
    }, [
      ...["task", "start", "--trusted-proxies", "10.0.0.0/99"],
    ]),
    assertRefuses({ code: 2, says: /^WORKERS is "0": must be / }, ["task", "start"], {
      WORKERS: "0",
    }),
  ]);
});

test("a port that is taken is one line that names it, and exits with 1", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertRefuses({ code: 1, says: new RegExp(`127\\.0\\.0\\.1:${port}`) }, [
    ...["task", "start", "--port", String(port)],
  ]);
});

const isOptional = (flag: string) => flag.startsWith("--allow-sys");

test("a start without the permission to lower its workers' priority is like any other", async () => {
  const flags = PERMISSION_FLAGS.filter((flag) => !isOptional(flag));
  await using program = new Program(["run", "--no-prompt", ...flags, "main.ts", "--port", "0"]);
  const line = await within(20_000, "ready line", program.stdout.find(() => true));
  assertEquals(await (await fetch(new URL("/33", JSON.parse(line!).url))).text(), "3524578");
});

for (const missing of PERMISSION_FLAGS.filter((flag) => !isOptional(flag))) {
  const [flag] = missing.split("=");
  test(`a start without ${flag} is one line that names it, and exits with 1`, async () => {
    const others = PERMISSION_FLAGS.filter((flag) => flag !== missing);
    await assertRefuses({ code: 1, says: new RegExp(`run again with the ${flag} flag$`) }, [
      ...["run", "--no-prompt", ...others, "main.ts", "--port", "0"],
    ]);
  });
}
