// Several instances behind a balancer, as a stranger starts, kills and stops them.

import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { Program } from "../e2e/service.ts";
import { later, pause, within } from "../e2e/waiting.ts";
import { testWith } from "../permissions.ts";
import { Cluster, lives, STARTS_CLUSTERS } from "./cluster.ts";

function test(name: string, run: () => Promise<void>): void {
  testWith(STARTS_CLUSTERS, name, run);
}

async function assertAnswers(url: string, expected: string): Promise<void> {
  const response = await fetch(url);
  assertEquals([response.status, await response.text()], [200, expected]);
}

/** Waits until a metric of an instance has a value. */
async function untilMetric(url: string, line: string): Promise<void> {
  for (const end = performance.now() + 5_000; performance.now() < end; await pause(5)) {
    const text = await (await fetch(`${url}metrics`)).text();
    if (text.includes(`\n${line}\n`)) return;
  }
  throw new Error(`No ${line} at ${url}`);
}

test("the cluster prints one ready line, and all of it answers", async () => {
  await using cluster = await Cluster.start();
  const { url, processes } = cluster.ready;
  assertEquals(Object.keys(cluster.ready), ["url", "processes"]);
  assertEquals(processes.map(({ role }) => role), [
    "balancer",
    "instance",
    "instance",
    "instance",
  ]);
  assertEquals(processes[0].url, url);
  for (const process of processes) {
    assertEquals(Object.keys(process), ["role", "pid", "url"]);
    assert(lives(process.pid));
    await assertAnswers(`${process.url}33`, "3524578");
  }
  // It says how it shares the cores.
  const cores = navigator.hardwareConcurrency;
  const each = Math.max(1, Math.floor(cores / 3));
  const line = cluster.stderr.all.find((line) => line.includes(`"message":"starting"`))!;
  const { instances, workersOfEach } = JSON.parse(line);
  assertEquals([instances, workersOfEach], [3, each]);
  const metrics = await (await fetch(`${processes[1].url}metrics`)).text();
  assertEquals(
    [...metrics.matchAll(/^fib_pool_slots\{.*\} (\d+)$/gm)]
      .reduce((sum, [, count]) => sum + Number(count), 0),
    each,
  );
  cluster.signal("SIGTERM");
  assertEquals((await within(10_000, "end", cluster.status)).code, 0);
  assertEquals(cluster.stdout.all.length, 1);
});

test("an instance that dies is started again, and nobody notices", async () => {
  await using cluster = await Cluster.start(["--instances=2"]);
  const [victim] = cluster.instances;
  let isOver = false;
  const ends: string[] = [];
  const asking = (async () => {
    for (let n = 0; !isOver; n++) {
      const response = await fetch(cluster.at(`/${n % 50}`));
      ends.push(`${response.status} ${(await response.text()).length > 0}`);
    }
  })();
  Deno.kill(victim.pid, "SIGKILL");
  const pid = await cluster.replaced(victim);
  isOver = true;
  await asking;
  assert(lives(pid) && !lives(victim.pid));
  assertGreater(ends.length, 2);
  assertEquals(ends.filter((end) => end !== "200 true"), []);
  await assertAnswers(`${victim.url}33`, "3524578");
});

test("the balancer is started again, too", async () => {
  await using cluster = await Cluster.start(["--instances=1"]);
  Deno.kill(cluster.balancer.pid, "SIGKILL");
  await cluster.replaced(cluster.balancer);
  await assertAnswers(cluster.at("/33"), "3524578");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends all of it within the grace period, and answers what runs`, async () => {
    // Calls that may take their time; the grace period is far longer.
    const env = { GRACE_MS: "60000", DEADLINE_MS: String(2 ** 31 - 1), DRAIN_DELAY_MS: "0" };
    await using cluster = await Cluster.start(["--instances=1"], env);
    const { instances: [instance], ready: { processes } } = cluster;
    // Until it has measured its machine, a worker is busy that no request has asked for.
    await untilMetric(instance.url, `fib_pool_calls_total{outcome="done"} 1`);
    const answer = later(
      fetch(cluster.at("/36?algorithm=naive")).then(async (response) => [
        response.status,
        await response.text(),
      ]),
    );
    await untilMetric(instance.url, `fib_pool_slots{state="busy"} 1`);
    const events = await fetch(cluster.at("/events"));
    const stream = later(events.text());
    cluster.signal(signal);
    assertEquals(await within(30_000, "answer", answer), [200, "14930352"]);
    assertMatch(await within(10_000, "end of the events", stream), /^retry: /);
    assertEquals((await within(10_000, "end", cluster.status)).code, 0);
    for (const { pid } of processes) assert(!lives(pid), `${pid} lives`);
  });
}

test("what does not end within the grace period is killed", async () => {
  const env = { GRACE_MS: "1000", DRAIN_DELAY_MS: "0" };
  await using cluster = await Cluster.start(["--instances=1"], env);
  const { instances: [{ pid }], ready: { processes } } = cluster;
  // It can't obey.
  Deno.kill(pid, "SIGSTOP");
  const begin = performance.now();
  cluster.signal("SIGTERM");
  assertEquals((await within(10_000, "end", cluster.status)).code, 0);
  assertGreater(performance.now() - begin, 900);
  for (const { pid } of processes) assert(!lives(pid), `${pid} lives`);
});

test("a second signal ends all at once", async () => {
  const env = { GRACE_MS: "3600000", DRAIN_DELAY_MS: "3500000" };
  await using cluster = await Cluster.start(["--instances=1"], env);
  const begin = performance.now();
  assertEquals((await cluster.insist("SIGTERM")).code, 143);
  assertLess(performance.now() - begin, 5_000);
  for (const { pid } of cluster.ready.processes) assert(!lives(pid), `${pid} lives`);
});

/** Asserts that a start fails, with one line of its own, and leaves nobody behind. */
async function assertRefuses(
  expected: { code: number; says: RegExp },
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const command = ["run", "-A", "tools/cluster/main.ts", ...args];
  await using program = new Program(command, env);
  const { code } = await within(30_000, "end", program.status);
  assertMatch(program.stderr.all.at(-1)!, expected.says);
  assertEquals([code, program.stdout.all], [expected.code, []]);
}

test("a wrong option, or a wrong setting of the service, ends the start", async () => {
  await assertRefuses({ code: 2, says: /^--instances is "0"/ }, ["--instances=0"]);
  const env = { ALGORITHM: "none" };
  await assertRefuses({ code: 2, says: /^ALGORITHM is "none"/ }, ["--port=0"], env);
});

test("a port that is taken ends the start", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assertRefuses({ code: 1, says: /^Can't listen on 127\.0\.0\.1:\d+: / }, [`--port=${port}`]);
});
