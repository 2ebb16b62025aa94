import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ALGORITHM_NAMES } from "../lib/fibonacci/mod.ts";
import { type Config, ConfigError, helpText, loadConfig } from "../lib/config.ts";
import { markdownTable } from "../tools/settings_table.ts";

async function load(args: string[], env: Record<string, string> = {}): Promise<Config> {
  const config = await loadConfig({ args, env: (name) => env[name] });
  assert(config !== "help" && config !== "version");
  return config;
}

Deno.test("loadConfig() has a default for everything", async () => {
  assertEquals(await load([]), {
    port: 8000,
    opsPort: 0,
    host: "127.0.0.1",
    workers: navigator.hardwareConcurrency,
    maxQueue: 512,
    maxN: 10_000_000,
    deadlineMs: 30_000,
    cacheMb: 64,
    algorithm: "fast-doubling",
    graceMs: 4500,
    drainDelayMs: 0,
    nice: 5,
    trustedProxies: "",
    corsOrigin: "",
    logLevel: "info",
  });
});

Deno.test("loadConfig() reads flags, then the environment", async () => {
  const env = { PORT: "1", MAX_QUEUE: "2", LOG_LEVEL: "debug", HOST: "::1" };
  const config = await load(["--port", "3", "--algorithm=naive"], env);
  assertEquals(config.port, 3);
  assertEquals(config.maxQueue, 2);
  assertEquals(config.logLevel, "debug");
  assertEquals(config.algorithm, "naive");
  assertEquals(config.host, "::1");
});

Deno.test("loadConfig() refuses a flag that is given twice", async () => {
  for (const args of [["--port=3", "--port=4"], ["--port", "3", "--port", "3"]]) {
    await assertRejects(() => load(args), ConfigError, "--port is given more than once");
  }
});

Deno.test("loadConfig() takes the -- that a task hands on", async () => {
  assertEquals((await load(["--", "--port", "3"])).port, 3);
  await assertRejects(() => load(["--port", "3", "--", "x"]), ConfigError, 'Unknown argument "x"');
});

Deno.test("loadConfig() takes origins, and nothing that is none", async () => {
  for (const origin of ["*", "https://example.com", "https://a.example,http://b.example:8000"]) {
    assertEquals((await load([], { CORS_ORIGIN: origin })).corsOrigin, origin);
  }
  for (
    const origin of ["", "example.com", "https://example.com/", "https://a.example, *", "null"]
  ) {
    await assertRejects(() => load([], { CORS_ORIGIN: origin }), ConfigError, "CORS_ORIGIN is");
  }
});

Deno.test("loadConfig() asks the environment only for what has no flag", async () => {
  const asked: string[] = [];
  await loadConfig({ args: ["--port=0"], env: (name) => void asked.push(name) });
  assert(!asked.includes("PORT"));
  assert(asked.includes("HOST"));
});

Deno.test.each(["0", "65535", "0080"])("loadConfig() takes PORT=%s", async (text) => {
  assertEquals((await load([], { PORT: text })).port, Number(text));
});

Deno.test.each([
  ["PORT", "65536", "an integer from 0 to 65535"],
  ["PORT", "-1", "an integer from 0 to 65535"],
  ["PORT", "8e3", "an integer"],
  ["PORT", "0x10", "an integer"],
  ["PORT", " 8000", "an integer"],
  ["PORT", "8000\n", "an integer"],
  ["PORT", "1.5", "an integer"],
  ["PORT", "８", "an integer"],
  ["PORT", "", "an integer"],
  ["PORT", "9".repeat(400), "an integer"],
  ["WORKERS", "0", "an integer from 1 to 256"],
  ["WORKERS", "257", "an integer from 1 to 256"],
  ["MAX_QUEUE", "many", "an integer from 0"],
  ["MAX_N", "1000000001", "an integer from 0 to 1000000000"],
  ["DEADLINE_MS", "0", "an integer from 1 to 2147483647"],
  ["DEADLINE_MS", "2147483648", "an integer from 1"],
  ["HOST", "", "a host name or an IP address"],
  ["HOST", "a b", "a host name or an IP address"],
  ["ALGORITHM", "quick", `one of ${ALGORITHM_NAMES.join(", ")}`],
  ["LOG_LEVEL", "loud", "one of debug, info, warning, error"],
])("loadConfig() rejects %s=%s, by either way, in one line", async (name, text, allowed) => {
  const flag = `--${name.toLowerCase().replaceAll("_", "-")}`;
  for (
    const [source, run] of [
      [name, () => load([], { [name]: text })],
      [flag, () => load([`${flag}=${text}`])],
    ] as const
  ) {
    const { message } = await assertRejects(run, ConfigError);
    assertStringIncludes(message, `${source} is ${JSON.stringify(text)}: must be ${allowed}`);
    assert(!message.includes("\n"));
  }
});

Deno.test.each(["--prot=80", "--no-port", "-p", "serve", "--max_n=5", "--PORT=5", "--__proto__=1"])(
  "loadConfig() rejects the unknown argument %s",
  async (arg) => {
    const { message } = await assertRejects(() => load([arg]), ConfigError);
    assertStringIncludes(message, arg);
  },
);

Deno.test("loadConfig() rejects a flag without its value", async () => {
  await assertRejects(() => load(["--port"]), ConfigError, `--port is ""`);
  await assertRejects(() => load(["--port", "--host", "x"]), ConfigError, `--port is ""`);
  await assertRejects(() => load(["--host", "--port", "3"]), ConfigError, `--host is ""`);
});

Deno.test("loadConfig() answers --help and -h, whatever else there is", async () => {
  for (const args of [["--help"], ["-h"], ["--nope", "--port=x", "--help"]]) {
    assertEquals(await loadConfig({ args, env: () => "bad" }), "help");
  }
});

Deno.test("loadConfig() answers --version, unless --help is there", async () => {
  const env = () => "bad";
  assertEquals(await loadConfig({ args: ["--version"], env }), "version");
  assertEquals(await loadConfig({ args: ["--version", "--help"], env }), "help");
});

Deno.test("loadConfig() wants a drain delay that leaves something of the grace period", async () => {
  assertEquals((await load([], { DRAIN_DELAY_MS: "4499" })).drainDelayMs, 4_499);
  assertEquals((await load(["--grace-ms=0"])).drainDelayMs, 0);
  await assertRejects(
    () => load(["--grace-ms=500"], { DRAIN_DELAY_MS: "500" }),
    ConfigError,
    "DRAIN_DELAY_MS is 500: must be less than GRACE_MS, 500",
  );
});

Deno.test("loadConfig() wants the operator's port to be another one", async () => {
  assertEquals((await load([], { OPS_PORT: "8001" })).opsPort, 8001);
  await assertRejects(
    () => load([], { OPS_PORT: "8000" }),
    ConfigError,
    "OPS_PORT is 8000: must be",
  );
  assertEquals((await load(["--port=0"])).opsPort, 0);
});

Deno.test("helpText() and markdownTable() name each setting, its flag and its default", async () => {
  const rows = markdownTable().trim().split("\n").slice(2);
  assertEquals(rows.length, Object.keys(await load([])).length);
  assertEquals(
    rows[0].replaceAll(/ +/g, " "),
    "| `PORT` | `--port` | `8000` | port to listen on; 0 picks a free one | " +
      "an integer from 0 to 65535 |",
  );
  assertStringIncludes(rows.join(), "`navigator.hardwareConcurrency`");
  for (const row of rows) {
    for (const [, code] of row.split("|").slice(1, 4).join().matchAll(/`([^`]+)`/g)) {
      assertStringIncludes(helpText(), code);
    }
  }
  for (const line of helpText().split("\n")) assert(line.length <= 120, line);
});
