// The files of deploy/ by themselves: what their own programs say of them, and whether their numbers fit each other.

import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { parseAll } from "@std/yaml";
import { loadConfig } from "../../lib/config.ts";
import { VERSION } from "../../lib/version.ts";
import { get } from "../e2e/client.ts";
import { STARTS_PROGRAMS, startService } from "../e2e/service.ts";
import { type Need, testWith } from "../permissions.ts";
import { nginxConf } from "./proxies.ts";

const folder = new URL("../../deploy/", import.meta.url);
const NEEDS = [{ name: "read" }, { name: "run" }, { name: "write" }] as const;

function path(name: string): string {
  return new URL(name, folder).pathname;
}

function text(name: string): string {
  return Deno.readTextFileSync(new URL(name, folder));
}

/** Asserts that a program has nothing to say against something. @returns Its stdout. */
async function assertTakes(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function test(program: string, name: string, run: (directory: string) => Promise<unknown>): void {
  testWith([...NEEDS, { name: "program", program }], name, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await run(directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

test(
  "haproxy",
  "haproxy takes haproxy.cfg as it is",
  () => assertTakes("haproxy", "-c", "-f", path("haproxy.cfg")),
);

test("nginx", "nginx takes nginx.conf as it is", async (directory) => {
  await Deno.writeTextFile(`${directory}/conf`, nginxConf(directory, path("nginx.conf")));
  await assertTakes("nginx", "-t", "-p", directory, "-c", `${directory}/conf`);
});

test("caddy", "caddy takes the Caddyfile as it is, and finds it well formatted", async () => {
  const args = ["--adapter", "caddyfile", "--config", path("Caddyfile")];
  await assertTakes("caddy", "validate", ...args);
  await assertTakes("caddy", "fmt", path("Caddyfile"));
});

test("systemd-analyze", "systemd takes the unit", async (directory) => {
  const unit = `${directory}/off-the-loop@8001.service`;
  // Deno may be somewhere else here.
  const here = text("off-the-loop@.service").replace("/usr/local/bin/deno", Deno.execPath());
  await Deno.writeTextFile(unit, here);
  const { success, stderr } = await new Deno.Command("systemd-analyze", { args: ["verify", unit] })
    .output();
  // It knows of no other units here, and warns of unknown keys with success.
  assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
});

test("kubectl", "kubectl knows each kind and version of kubernetes.yaml", async () => {
  const file = path("kubernetes.yaml");
  const names = await assertTakes("kubectl", "label", "--local", "-f", file, "-o", "name", "a=b");
  assertEquals(names.trim().split("\n"), [
    "deployment.apps/off-the-loop",
    "service/off-the-loop",
    "ingress.networking.k8s.io/off-the-loop",
    "poddisruptionbudget.policy/off-the-loop",
    "horizontalpodautoscaler.autoscaling/off-the-loop",
  ]);
});

/** The settings in an environment, as the service reads them. */
async function settings(env: Readonly<Record<string, string>>) {
  const config = await loadConfig({ args: [], env: (name) => env[name] });
  assert(typeof config !== "string");
  return config;
}

testWith([{ name: "read" }], "kubernetes.yaml: grace, delay, probes and version fit", async () => {
  // deno-lint-ignore no-explicit-any -- it is data of somebody else's shape
  const [deployment] = parseAll(text("kubernetes.yaml")) as any[];
  const { spec } = deployment.spec.template;
  const [container] = spec.containers;
  const named = container.env.filter(({ value }: { value?: string }) => value !== undefined);
  const env = Object.fromEntries(
    named.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  const { graceMs, drainDelayMs } = await settings(env);
  assertGreater(spec.terminationGracePeriodSeconds * 1000, graceMs);
  const { readinessProbe: { periodSeconds, failureThreshold } } = container;
  assertGreater(drainDelayMs, 2_000 * periodSeconds * failureThreshold);
  assertEquals(container.image, `off-the-loop:${VERSION}`);
  for (const [probe, expected] of [["readinessProbe", "/readyz"], ["livenessProbe", "/healthz"]]) {
    assertEquals(container[probe].httpGet.path, expected);
  }
});

testWith([{ name: "read" }], "the unit: grace, delay and time to stop fit", async () => {
  const unit = text("off-the-loop@.service");
  const values = unit.split("\n").flatMap((line) => /^Environment=(.*)$/.exec(line)?.[1] ?? [])
    .join(" ").replaceAll("%i", "8001").split(" ");
  const { graceMs, drainDelayMs, port } = await settings(
    Object.fromEntries(values.map((pair) => pair.split("="))),
  );
  const [, stopSeconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit)!;
  assertGreater(Number(stopSeconds) * 1000, graceMs);
  assertEquals([port, drainDelayMs > 300], [8001, true]);
});

testWith(STARTS_PROGRAMS, "alerts and the autoscaler ask for metrics that there are", async () => {
  await using service = await startService();
  const { body } = await get(service, "/metrics");
  const names = new Set([...body.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  const asked = [...text("alerts.yaml").matchAll(/\b(?:fib|http|process)_\w+/g)].map(([m]) => m);
  const [, scaled] = /^ +name: (fib_\w+)$/m.exec(text("kubernetes.yaml"))!;
  assertGreater(asked.length, 10);
  for (const name of [...asked, scaled]) assert(names.has(name), name);
});

testWith([{ name: "read" }], "each alert has its line in docs/operations.md", () => {
  const runbook = Deno.readTextFileSync(new URL("../docs/operations.md", folder));
  const alerts = [...text("alerts.yaml").matchAll(/alert: (\w+)/g)].map(([, name]) => name);
  assertGreater(alerts.length, 5);
  for (const name of alerts) assertStringIncludes(runbook, `| \`${name}\` `);
});

/** Whether there is a daemon that builds and runs images. */
function hasDocker(): boolean {
  try {
    return new Deno.Command("docker", { args: ["info"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

const docker: Need = {
  name: "program",
  program: Deno.permissions.querySync({ name: "run" }).state === "granted" && hasDocker()
    ? "docker"
    : "a docker daemon",
};

testWith(
  [...NEEDS, { name: "net" }, docker],
  "the image is built, answers, and ends gently",
  async () => {
    await assertTakes(Deno.execPath(), "task", "build");
    const tag = `off-the-loop-test-${crypto.randomUUID()}`;
    const dist = new URL("../dist", folder).pathname;
    await assertTakes("docker", "build", "--tag", tag, "--file", path("Dockerfile"), dist);
    try {
      const run = ["run", "--detach", "--publish", "127.0.0.1::8000", tag];
      const id = (await assertTakes("docker", ...run)).trim();
      try {
        // Its ready line says that it listens.
        const logs = new Deno.Command("docker", {
          args: ["logs", "--follow", id],
          stdout: "piped",
          stderr: "null",
        }).spawn();
        const reader = logs.stdout.pipeThrough(new TextDecoderStream()).getReader();
        await reader.read();
        await reader.cancel();
        await logs.status;
        const address = (await assertTakes("docker", "port", id, "8000/tcp")).trim();
        const response = await fetch(`http://${address}/33`);
        assertEquals(await response.text(), "3524578");
        await assertTakes("docker", "stop", "--time", "10", id);
        const format = ["inspect", "--format", "{{.State.ExitCode}}", id];
        assertEquals((await assertTakes("docker", ...format)).trim(), "0");
      } finally {
        await assertTakes("docker", "rm", "--force", id);
      }
    } finally {
      await assertTakes("docker", "rmi", "--force", tag);
    }
  },
);
