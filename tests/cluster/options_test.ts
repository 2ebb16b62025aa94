import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "../../lib/config.ts";
import { balancerConfig, findBalancer } from "../../tools/cluster/balancer.ts";
import { HELP, type Options, readOptions } from "../../tools/cluster/options.ts";
import { pauseMs } from "../../tools/cluster/supervised.ts";
import { testWith } from "../permissions.ts";

async function read(
  args: string[],
  env: Record<string, string> = {},
  cores = 8,
): Promise<Options> {
  const options = await readOptions(args, env, cores);
  if (options === "help") throw new Error("help was asked for");
  return options;
}

Deno.test("readOptions() has a default for everything", async () => {
  assertEquals(await read([]), {
    instances: 3,
    workers: 2,
    host: "127.0.0.1",
    port: 8000,
    deadlineMs: 30_000,
    graceMs: 4_500,
    drainDelayMs: 500,
  });
});

Deno.test.each([[8, 3, 2], [2, 3, 1], [64, 4, 16], [1, 64, 1]])(
  "%d cores and %d instances: %d workers each",
  async (cores, instances, workers) => {
    assertEquals((await read([`--instances=${instances}`], {}, cores)).workers, workers);
  },
);

Deno.test("readOptions() reads flags, then the environment", async () => {
  const env = { WORKERS: "5", PORT: "1", HOST: "::1", GRACE_MS: "9000", DRAIN_DELAY_MS: "0" };
  const options = await read(["--", "--port", "2", "--instances", "4"], env);
  assertEquals(options, {
    instances: 4,
    workers: 5,
    host: "::1",
    port: 2,
    deadlineMs: 30_000,
    graceMs: 9_000,
    drainDelayMs: 0,
  });
});

Deno.test.each([
  "--instances=0",
  "--instances=65",
  "--instances=x",
  "--workers=1",
  "up",
  "--port=x",
])(
  "readOptions() rejects %s in one line",
  async (arg) => {
    const { message } = await assertRejects(() => read([arg]), ConfigError);
    assertMatch(message, /^[^\n]+$/);
  },
);

Deno.test("readOptions() rejects a setting of the service that is not allowed", async () => {
  await assertRejects(() => read([], { WORKERS: "many" }), ConfigError, 'WORKERS is "many"');
});

Deno.test("readOptions() answers --help, and the help names each flag", async () => {
  assertEquals(await readOptions(["--help", "--nope"], {}), "help");
  for (const flag of ["--instances", "--port", "--host"]) assertStringIncludes(HELP, flag);
});

Deno.test("who dies is started at once, then after pauses that grow, up to five seconds", () => {
  assertEquals([1, 2, 3, 4, 8, 9, 2_000].map(pauseMs), [0, 100, 200, 400, 5_000, 5_000, 5_000]);
});

testWith([{ name: "run" }], "without HAProxy, the cluster says how to get it", () => {
  assertThrows(() => findBalancer(["/nowhere/haproxy"]), Error, "apt-get install haproxy");
});

const template = new URL("../../deploy/haproxy.cfg", import.meta.url);

testWith(
  [{ name: "read", path: template }],
  "the balancer's configuration is deploy/haproxy.cfg with other addresses",
  () => {
    const text = Deno.readTextFileSync(template);
    const made = balancerConfig(text, { host: "::1", port: 1, ports: [2, 3] });
    assertMatch(made, /^ +bind \[::1\]:1$/m);
    assertEquals(made.match(/^ +server .*$/gm)?.map((line) => line.trim()), [
      "server instance1 127.0.0.1:2",
      "server instance2 127.0.0.1:3",
    ]);
    const other = (config: string) =>
      config.split("\n").filter((line) => !/^ +(bind|server) /.test(line));
    assertEquals(other(made), other(text));
    const times = { deadlineMs: 60_000, graceMs: 9_000 };
    const timed = balancerConfig(text, { host: "::1", port: 1, ports: [2, 3], ...times });
    assertEquals(timed.match(/^ +(timeout server|hard-stop-after) .*$/gm)?.map((s) => s.trim()), [
      "hard-stop-after 9000ms",
      "timeout server 65000ms",
    ]);
    assertEquals(timed.split("\n").length, text.split("\n").length - 1);
    const longest = balancerConfig(text, {
      host: "::1",
      port: 1,
      ports: [2],
      deadlineMs: 2 ** 31 - 1,
    });
    assertMatch(longest, /timeout server 2147483647ms/);
    assertThrows(() => balancerConfig("global\n", { host: "::1", port: 1, ports: [2] }));
  },
);
