/** A service that has nothing to do with Fibonacci, as a stranger makes it: three files, in a folder of their own. */

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { decoded } from "../compute/decoded.ts";
import { Program, STARTS_PROGRAMS } from "../e2e/service.ts";
import { pause, within } from "../e2e/waiting.ts";
import { testWith } from "../permissions.ts";

const root = new URL("../../", import.meta.url);
const NEEDS = [...STARTS_PROGRAMS, { name: "write" }] as const;
const CONFIG = ["--config", new URL("deno.json", root).pathname];

/** Takes some seconds, and is not estimated. */
const LONG = "/count/30000000";

/** The service in a process of its own, by `deno serve`. */
class Primes implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly program: Program,
    readonly url: string,
  ) {}

  static async start(): Promise<Primes> {
    const folder = await copied();
    const args = ["serve", "-A", "--port", "0", "--host", "127.0.0.1", ...CONFIG];
    const program = new Program([...args, `${folder}/app.ts`]);
    const line = await program.stderr.find((line) => line.includes("Listening on"));
    const [url] = line!.match(/http:\/\/127\.0\.0\.1:\d+/)!;
    return new Primes(folder, program, url);
  }

  readonly get = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    // As `fetch` asks for compression unless it is told otherwise.
    fetch(this.url + path, {
      ...init,
      headers: { "accept-encoding": "identity", ...init.headers },
    });

  /** Waits until a metric has a value. */
  async until(sample: string): Promise<void> {
    const found = async () => {
      while (!(await (await this.get("/ops/metrics")).text()).includes(`${sample}\n`)) {
        await pause(5);
      }
    };
    await within(10_000, sample, found());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Copies the three files, as if the kit were somebody else's package. */
async function copied(): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [from, to] of [["worker", "worker"], ["app", "app"], ["app_checks", "app_test"]]) {
    const text = await Deno.readTextFile(new URL(`../fixtures/primes/${from}.ts`, import.meta.url));
    const moved = text.replaceAll("../../../lib/", `${new URL("lib/", root)}`);
    await Deno.writeTextFile(`${folder}/${to}.ts`, moved);
  }
  return folder;
}

testWith(NEEDS, "a service of primes is three files", async (t) => {
  await using primes = await Primes.start();
  const { get } = primes;
  await primes.until(`primes_pool_slots{state="idle"} 2`);

  await t.step("the stranger's own test passes", async () => {
    await using test = new Program([
      ...["test", "-A", "--no-check", ...CONFIG],
      `${primes.folder}/app_test.ts`,
    ]);
    assertEquals((await test.status).code, 0, test.stdout.all.join("\n"));
  });

  await t.step("answers, and says where the time went", async () => {
    const response = await get("/next/1000000");
    assertEquals(await response.json(), { from: 1_000_000, prime: 1_000_003 });
    const timing = response.headers.get("server-timing")!;
    assertMatch(timing, /^cache;desc=miss, queue;dur=[\d.]+, compute;dur=[\d.]+, transfer/);
    const again = await get("/next/1000000");
    assertMatch(again.headers.get("server-timing")!, /^cache;desc=hit/);
    await again.body?.cancel();
  });

  await t.step("pure answers have a tag, conditions, ranges, and are kept", async () => {
    const response = await get("/count/100");
    assertEquals(await response.text(), "25");
    const { headers } = response;
    assertMatch(headers.get("cache-control")!, /immutable/);
    const etag = headers.get("etag")!;
    const same = await get("/count/100", { headers: { "if-none-match": etag } });
    assertEquals([same.status, await same.text()], [304, ""]);
    const part = await get("/below/100", { headers: { range: "bytes=0-3" } });
    assertEquals([part.status, await part.text()], [206, "2\n3\n"]);
  });

  await t.step("the worker compresses", async () => {
    // Not `fetch`: it would undo it.
    const headers = "Accept-Encoding: gzip\r\nConnection: close\r\n";
    const { head, body } = await raw(primes.url, `GET /below/1000 HTTP/1.0\r\n${headers}\r\n`);
    assertMatch(head, /content-encoding: gzip/i);
    const text = await decoded("gzip", body);
    assertEquals(text.split("\n").length, 169);
  });

  await t.step("nonsense is a 400, what can't be done in time a 422", async () => {
    for (const path of ["/next/abc", "/next/1e3", "/next/-1", "/series?count=101"]) {
      const response = await get(path);
      assertEquals([path, response.status], [path, 400]);
      assertEquals((await response.json()).code, "bad-parameter");
    }
    const infeasible = await get("/next/9000000000000000");
    assertEquals([infeasible.status, (await infeasible.json()).code], [422, "infeasible"]);
    const url = await get("/nothing");
    assertEquals(url.status, 404);
    await url.body?.cancel();
  });

  await t.step("a deadline that passes is a 504, and frees the worker", async () => {
    const late = await get(LONG, { headers: { prefer: "wait=1" } });
    assertEquals([late.status, (await late.json()).code], [504, "deadline-exceeded"]);
    assertEquals(late.headers.get("preference-applied"), "wait=1");
    await primes.until(`primes_pool_slots{state="idle"} 2`);
  });

  await t.step("a client that leaves has its call cancelled", async () => {
    const client = new AbortController();
    const left = get(LONG, { signal: client.signal }).catch(() => "left");
    await primes.until(`primes_pool_slots{state="busy"} 1`);
    client.abort();
    assertEquals(await left, "left");
    await primes.until(`primes_pool_slots{state="idle"} 2`);
  });

  await t.step("a full queue is a 503 that says when to come back", async () => {
    const client = new AbortController();
    const { signal } = client;
    // Different ones: the same would share one computation.
    const busy = [0, 1, 2].map((i) => get(`${LONG}${i}`, { signal }).catch(() => {}));
    await primes.until(`primes_queue_length 1`);
    const refused = await get(`${LONG}3`);
    assertEquals([refused.status, (await refused.json()).code], [503, "overloaded"]);
    assertMatch(refused.headers.get("retry-after")!, /^[1-9]\d*$/);
    client.abort();
    await Promise.all(busy);
    await primes.until(`primes_pool_slots{state="idle"} 2`);
  });

  await t.step("a bug is a 500 with an id, and a death is logged with its call's tag", async () => {
    for (const [path, id] of [["/fail", "a-bug"], ["/die", "a-death"]]) {
      const response = await get(path, { headers: { "x-request-id": id } });
      assertEquals([path, response.status], [path, 500]);
      const text = await response.text();
      assertNotMatch(text, /bug in here|\.ts/);
      assertEquals(JSON.parse(text).requestId, id);
    }
    const line = await primes.program.stderr.find((line) => line.includes("from: 13"));
    assert(line);
    assert(primes.program.stderr.all.some((line) => line.includes("a-death")));
    await primes.until(`primes_pool_slots{state="idle"} 2`);
  });

  await t.step("many at once come in order, as lines or events", async () => {
    const lines = await (await get("/series?count=9")).text();
    const expected = [2, 11, 101, 1009, 10007, 100003, 1000003, 10000019, 100000007];
    assertEquals(lines.trim().split("\n").map(Number), expected);
    const events = await get("/series?count=1", { headers: { accept: "text/event-stream" } });
    assertEquals(await events.text(), "data: 2\n\nevent: end\ndata: null\n\n");
  });

  await t.step("a method tells how far it is", async () => {
    const lines = await (await get("/progress/5000")).text();
    const told = [1000, 2000, 3000, 4000].map((report) => ({ report }));
    const expected = [...told, { result: 669 }];
    assertEquals(lines.trim().split("\n").map((line) => JSON.parse(line)), expected);
  });

  await t.step("whoever operates it sees it", async () => {
    for (const path of ["/ops/healthz", "/ops/readyz"]) {
      const response = await get(path);
      assertEquals([path, response.status], [path, 200]);
      await response.body?.cancel();
    }
    const metrics = await (await get("/ops/metrics")).text();
    for (
      const sample of [
        /^http_requests_total\{method="GET",route="\/next\/:from",status="200"\} [1-9]/m,
        /^http_requests_total\{method="GET",route="\/count\/:below",status="503"\} 1/m,
        /^primes_compute_seconds_count\{method="nextPrime"\} [1-9]/m,
        /^primes_cache_calls_total\{result="hit"\} [1-9]/m,
      ]
    ) assertMatch(metrics, sample);
    const events = await get("/ops/events");
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    const activity = JSON.parse(value!.match(/event: activity\ndata: (.*)/)![1]);
    assertEquals(activity.states, ["idle", "idle"]);
    const told = activity.spans.map(({ method, tag }: Record<string, unknown>) =>
      `${method} ${tag}`
    );
    assert(told.includes("nextPrime 1000000"), told.join());
    await reader.cancel();
    const dashboard = await get("/ops/dashboard");
    assertMatch(dashboard.headers.get("content-security-policy")!, /^default-src 'none'/);
    assertMatch(await dashboard.text(), /<h1>Dashboard<\/h1>[^]*id="lanes"/);
  });
});

/** Asks over a connection of its own, and reads all that comes. */
async function raw(url: string, request: string) {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(await new Response(connection.readable).arrayBuffer());
  const end = bytes.findIndex((_, i) => String(bytes.subarray(i, i + 4)) === "13,10,13,10");
  return { head: new TextDecoder().decode(bytes.subarray(0, end)), body: bytes.slice(end + 4) };
}
