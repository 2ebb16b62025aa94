/** The open-loop driver by itself, and short storms on the real service and on several instances. */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Asker } from "../../bench/chaos/asker.ts";
import { drive } from "../../bench/chaos/driver.ts";
import { makeRandom } from "../../bench/chaos/random.ts";
import { STARTS_CLUSTERS } from "../cluster/cluster.ts";
import { Program, STARTS_PROGRAMS } from "../e2e/service.ts";
import { testWith } from "../permissions.ts";

const NET = [{ name: "net" }] as const;

/** A server on a port of its own. */
function serve(handler: (request: Request) => Response | Promise<Response>) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
}

testWith(NET, "drive() asks as often as it is told, the same for the same seed", async () => {
  await using server = serve(() => new Response("ok"));
  const { port } = server.addr;
  const options = () => ({ port, seconds: 0.2, random: makeRandom(7) });
  const stream = { path: "/", perSecond: 500, body: "ok" };
  const [first] = await drive([stream], options());
  const [second] = await drive([stream], options());
  assertEquals(first.asked, second.asked);
  assertEquals([first.count("200"), first.wrong], [first.asked, 0]);
  assert(first.asked > 50 && first.asked < 150);
});

testWith(NET, "drive() counts latencies from when a request should have left", async () => {
  // One connection, and an answer that is held: all that should have left meanwhile has waited.
  const released = Promise.withResolvers<void>();
  let held = 0;
  await using server = serve(async () => {
    if (held++ === 0) await released.promise;
    return new Response("ok");
  });
  setTimeout(() => released.resolve(), 150);
  const [outcome] = await drive([{ path: "/", perSecond: 200 }], {
    port: server.addr.port,
    seconds: 0.1,
    random: makeRandom(1),
    connections: 1,
  });
  assertEquals(outcome.count("200"), outcome.asked);
  assertGreaterOrEqual(outcome.latencyMs("200", 0), 40);
});

testWith(NET, "drive() tells who left, and the last that was not answered in time", async () => {
  await using server = serve(async ({ url, signal }) => {
    if (url.endsWith("/left")) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    return new Response("no", { status: 503 });
  });
  const [left, refused] = await drive(
    [{ path: "/left", perSecond: 200, patienceMs: () => 5 }, { path: "/", perSecond: 200 }],
    { port: server.addr.port, seconds: 0.1, random: makeRandom(3) },
  );
  assertEquals([left.others("left"), refused.others("503")], ["", ""]);
  assert(refused.lastSlowMs(1_000) > 50);
});

testWith(NET, "drive() counts wrong answers", async () => {
  await using server = serve(() => new Response("no"));
  const [outcome] = await drive([{ path: "/", perSecond: 100, body: "yes" }], {
    port: server.addr.port,
    seconds: 0.1,
    random: makeRandom(3),
  });
  assert(outcome.asked > 0);
  assertEquals(outcome.wrong, outcome.asked);
});

testWith(NET, "Asker tells what was lost from what was refused", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using asker = new Asker(port, 2);
  const lost = asker.ask("/");
  (await listener.accept()).close();
  assertEquals((await lost).end, "lost");
  listener.close();
  assertEquals((await asker.ask("/")).end, "refused");
});

testWith(
  [...STARTS_PROGRAMS, { name: "write" }],
  "the service weathers a short storm of each kind",
  async () => {
    const only = "overload,hogs,large,flood,cancels,deaths,stops,mixed";
    const args = ["run", "--allow-all", "bench/chaos/main.ts", "--seconds", "1", "--only", only];
    await using chaos = new Program(args);
    const { code } = await chaos.status;
    const lines = [...chaos.stdout.all, ...chaos.stderr.all];
    assertEquals(code, 0, lines.join("\n"));
  },
);

// In the same file, so that they are not at the same time.
testWith(STARTS_CLUSTERS, "several instances weather each storm for six seconds", async () => {
  const only = "kills,kills-mixed,rolling,slow-headers,shards,refusals";
  const args = ["run", "--allow-all", "bench/chaos/main.ts", "--seconds", "6", "--only", only];
  await using chaos = new Program(args);
  const { code } = await chaos.status;
  assertEquals(code, 0, [...chaos.stdout.all, ...chaos.stderr.all].join("\n"));
  assertEquals(chaos.stdout.all.filter((line) => line.startsWith("Left out")), []);
});
