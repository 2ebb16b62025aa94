// How the service ends: without losing what it accepted, or at once if it is told twice.

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { testWith } from "../permissions.ts";
import { CALIBRATED, get, METRIC, readAll, untilMetrics, write } from "./client.ts";
import { NO_DEADLINE, Service, STARTS_PROGRAMS, startService } from "./service.ts";
import { later, pause, within } from "./waiting.ts";

const SIGNALS = [["SIGTERM", 143], ["SIGINT", 130]] as const;

/** What a busy machine may add to any time. */
const SLACK_MS = 3_000;

/** Asserts that nobody listens there any more; the last connection that got through is closed unanswered. */
async function assertRefusesConnections(service: Service): Promise<void> {
  const refused = (async () => {
    // The end of what came before and the end of listening are two moments, one right after the other.
    while (true) {
      try {
        using conn = await service.connect();
        assertEquals(await readAll(conn), "");
      } catch (error) {
        // It was between the two just then.
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      }
    }
  })();
  await assertRejects(
    () => within(SLACK_MS, "refusal of connections", refused),
    Deno.errors.ConnectionRefused,
  );
}

for (const [signal, exitCode] of SIGNALS) {
  testWith(STARTS_PROGRAMS, `${signal} loses no request that was accepted`, async () => {
    await using service = await startService({
      // Far longer than what is asked for takes.
      env: { WORKERS: "1", GRACE_MS: "60000", ...NO_DEADLINE },
    });
    await untilMetrics(service, CALIBRATED);
    const { servicePid } = service;

    using fresh = await service.connect();
    using used = await service.connect();
    await write(used, "GET /33 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert((await used.read(new Uint8Array(10_000)))! > 0);
    const stream = await fetch(service.at("/events"));
    const events = later(stream.text());
    const ns = [40, 39, 38, 37, 36, 35];
    const answers = Promise.all(
      ns.map((n) =>
        get(service, `/${n}?algorithm=naive`)
          .then(({ status, body }) => `${status} ${body}`, (error) => `${error} ${error.cause}`)
      ),
    );
    const accepted = await untilMetrics(service, {
      [METRIC.busy]: 1,
      [METRIC.misses]: ns.length + 1,
    });
    assert(accepted.get(METRIC.queued)! >= 2, "none waits");

    service.signal(signal);
    assert((await within(SLACK_MS, "end of the events", events)).startsWith("retry: "));
    assertEquals(await within(SLACK_MS, "end of an idle connection", readAll(fresh)), "");
    assertEquals(await within(SLACK_MS, "end of a used connection", readAll(used)), "");
    await assertRefusesConnections(service);
    assertEquals(
      await within(60_000, "answers", answers),
      [102334155, 63245986, 39088169, 24157817, 14930352, 9227465].map((digits) => `200 ${digits}`),
      service.log.join("\n"),
    );
    assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
    if (servicePid !== undefined) {
      await assertRejects(() => Deno.stat(`/proc/${servicePid}`), Deno.errors.NotFound);
    }
    assert(service.log.at(-1)!.includes(`"message":"stopped"`));
    assert(service.log.at(-1)!.includes(`"abandoned":0`));
  });

  testWith(STARTS_PROGRAMS, `a second ${signal} ends the service at once`, async () => {
    await using service = await startService({
      env: { WORKERS: "2", GRACE_MS: "3600000", ...NO_DEADLINE },
    });
    await untilMetrics(service, CALIBRATED);
    const lost = later(assertRejects(() => get(service, "/50?algorithm=naive")));
    await untilMetrics(service, { [METRIC.busy]: 1 });
    service.signal(signal);
    await service.logged("stopping");
    assertEquals((await service.insist(signal)).code, exitCode);
    await lost;
  });
}

testWith(STARTS_PROGRAMS, "for DRAIN_DELAY_MS, /readyz says no and work is taken", async () => {
  await using service = await startService({
    // Far longer than the test takes; the second signal ends it.
    env: { DRAIN_DELAY_MS: "3000000", GRACE_MS: "3600000" },
  });
  service.signal("SIGTERM");
  await service.logged("stopping");
  const readiness = await get(service, "/readyz");
  assertEquals([readiness.status, JSON.parse(readiness.body).code], [503, "draining"]);
  const { status, headers, body } = await get(service, "/33");
  assertEquals([status, headers.get("connection"), body], [200, "close", "3524578"]);
  assertEquals((await get(service, "/healthz")).status, 200);
});

testWith(STARTS_PROGRAMS, "after DRAIN_DELAY_MS the service is sealed, and ends", async () => {
  await using service = await startService({ env: { DRAIN_DELAY_MS: "300", GRACE_MS: "60000" } });
  const stream = await fetch(service.at("/events"));
  const events = later(stream.text());
  service.signal("SIGTERM");
  await service.logged("stopping");
  const begin = performance.now();
  assertEquals((await get(service, "/33")).status, 200);
  await within(SLACK_MS, "end of the events", events);
  // Timers are rounded, and the log's line came a little after the signal.
  assert(performance.now() - begin > 200, "sealed at once");
  assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
});

testWith(STARTS_PROGRAMS, "SIGHUP loses no request that was accepted", async () => {
  await using service = await startService({
    env: { WORKERS: "2", GRACE_MS: "60000", ...NO_DEADLINE },
  });
  await untilMetrics(service, CALIBRATED);
  const { servicePid } = service;
  if (servicePid === undefined) return;
  const answer = later(get(service, "/36?algorithm=naive"));
  await untilMetrics(service, { [METRIC.busy]: 1 });
  // A task doesn't pass this one on.
  Deno.kill(servicePid, "SIGHUP");
  const { status, headers } = await within(60_000, "answer", answer);
  assertEquals([status, headers.get("connection")], [200, "close"]);
  assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
});

/** What holds a connection open without a request that anybody could answer. */
const WAITED_FOR_BY_NOBODY: Record<string, (service: Service) => Promise<Disposable>> = {
  async "half a request"(service) {
    const conn = await service.connect();
    await write(conn, "GET /33 HTTP/1.1\r\nHost: x\r\nX-More");
    return conn;
  },
  async "half a body"(service) {
    const conn = await service.connect();
    await write(conn, "POST /33 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
    return conn;
  },
  async "an idle HTTP/2 session"(service) {
    const client = Deno.createHttpClient({ http1: false, http2: true });
    const response = await fetch(service.at("/33"), { client });
    assertEquals(await response.text(), "3524578");
    return client;
  },
};

for (const [what, open] of Object.entries(WAITED_FOR_BY_NOBODY)) {
  testWith(STARTS_PROGRAMS, `no stop waits for ${what}`, async () => {
    await using service = await startService({ env: { GRACE_MS: "3600000" } });
    await untilMetrics(service, CALIBRATED);
    using _held = await open(service);
    // It has to have come there. Nothing tells when it has.
    await get(service, "/healthz");
    service.signal("SIGTERM");
    assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
  });
}

testWith(STARTS_PROGRAMS, "a call that outlasts the grace period is told so", async () => {
  const graceMs = 1_000;
  await using service = await startService({
    env: { WORKERS: "1", GRACE_MS: String(graceMs), ...NO_DEADLINE },
  });
  await untilMetrics(service, CALIBRATED);
  const calls = later(
    Promise.all([50, 51, 52].map((n) => get(service, `/${n}?algorithm=naive`))),
  );
  await untilMetrics(service, { [METRIC.busy]: 1, [METRIC.queued]: 2 });
  const startedAt = performance.now();
  service.signal("SIGTERM");
  for (const { status, headers, body } of await within(graceMs + SLACK_MS, "answers", calls)) {
    assertEquals([status, JSON.parse(body).code], [503, "draining"]);
    assert(headers.has("retry-after"));
  }
  assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
  assertLess(performance.now() - startedAt, graceMs + SLACK_MS);
  assert(service.log.at(-1)!.includes(`"abandoned":3`));
});

testWith(STARTS_PROGRAMS, "many workers end as soon as few do", async () => {
  await using service = await startService({ env: { WORKERS: "64", GRACE_MS: "60000" } });
  await untilMetrics(service, CALIBRATED);
  service.signal("SIGTERM");
  // To end each worker's thread would take the runtime seconds.
  assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
  assert(service.log.at(-1)!.includes(`"message":"stopped"`));
});

testWith(
  STARTS_PROGRAMS,
  "a service that is told to stop while it starts exits with 0",
  async (t) => {
    await t.step("before it is ready", async () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr;
      listener.close();
      // Not startService(): that waits until it is ready.
      await using service = new Service(["--port", String(port)]);
      await within(20_000, "listener", untilListening(port));
      service.signal("SIGTERM");
      assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
      assertEquals(service.log.filter((line) => !line.startsWith("{")), []);
    });

    await t.step("while it calibrates", async () => {
      await using service = await startService();
      service.signal("SIGTERM");
      assertEquals((await within(SLACK_MS, "end", service.status)).code, 0);
      assertEquals(service.log.filter((line) => !line.startsWith("{")), []);
    });
  },
);

async function untilListening(port: number): Promise<void> {
  while (true) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await pause(1);
    }
  }
}
