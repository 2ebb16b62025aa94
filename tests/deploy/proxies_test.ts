// What the files of deploy/ make HAProxy, nginx and Caddy do, before instances of the test's own.

import { assert, assertEquals, assertLess } from "@std/assert";
import { Balanced } from "../../bench/chaos/cluster/balanced.ts";
import { readAll, write } from "../e2e/client.ts";
import { STARTS_PROGRAMS } from "../e2e/service.ts";
import { within } from "../e2e/waiting.ts";
import { testWith } from "../permissions.ts";
import { PROXIES, type Proxy } from "./proxies.ts";

type Start = (
  handlers: readonly Deno.ServeHandler[],
  others?: readonly number[],
  isReady?: () => boolean,
) => Promise<Balanced>;

function test({ program, start }: Proxy, what: string, run: (start: Start) => Promise<void>): void {
  const needs = [...STARTS_PROGRAMS, { name: "write" }, { name: "program", program }] as const;
  testWith(
    needs,
    `${program}: ${what}`,
    () =>
      run((handlers, others, isReady) =>
        Balanced.start(handlers, { others, isReady, program: start })
      ),
  );
}

/** Three times the same instance. */
function three(handler: Deno.ServeHandler): Deno.ServeHandler[] {
  return [handler, handler, handler];
}

/** An instance that is killed by its first request: it answers none, and nobody listens there any more. */
function dropper(): { port: number; dropped: () => boolean; close: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let dropped = false;
  (async () => {
    for await (const conn of listener) {
      const buffer = new Uint8Array(4_096);
      const size = await conn.read(buffer).catch(() => null);
      const head = new TextDecoder().decode(buffer.subarray(0, size ?? 0));
      if (head.includes("/readyz")) await write(conn, "HTTP/1.0 200 OK\r\n\r\n").catch(() => {});
      else if (size !== null) {
        dropped = true;
        listener.close();
      }
      conn.close();
    }
  })();
  return {
    port: listener.addr.port,
    dropped: () => dropped,
    close: () => dropped || listener.close(),
  };
}

/** @returns The status. By hand: `fetch` may ask again by itself. */
async function askOnce(port: number, method: string, path: string): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const head =
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n`;
  await write(conn, `${head}\r\n`);
  return Number((await readAll(conn)).slice("HTTP/1.1 ".length).slice(0, 3));
}

for (const proxy of PROXIES) {
  test(proxy, "a path is always asked of the same instance", async (start) => {
    await using balanced = await start(three(() => new Response()));
    for (let i = 0; i < 4; i++) await (await fetch(balanced.at("/33"))).body?.cancel();
    assertEquals(balanced.stubs.map(({ asked }) => asked).sort(), [0, 0, 4]);
  });

  test(proxy, "a refusal is passed on, and nobody else is asked", async (start) => {
    const refuse = () => new Response("no", { status: 503, headers: { "retry-after": "7" } });
    await using balanced = await start(three(refuse));
    for (let n = 0; n < 100; n++) {
      const response = await fetch(balanced.at(`/${n}`));
      assertEquals([response.status, response.headers.get("retry-after")], [503, "7"]);
      assertEquals(await response.text(), "no");
    }
    assertEquals(balanced.stubs.reduce((sum, { asked }) => sum + asked, 0), 100);
  });

  for (const [method, end] of [["GET", 200], ["POST", 502]] as const) {
    test(proxy, `what a dying instance was asked by ${method} ends with ${end}`, async (start) => {
      const victim = dropper();
      const others = [() => new Response(), () => new Response()];
      try {
        await using balanced = await start(others, [victim.port]);
        const ends: number[] = [];
        // One path after the other, until it is the victim's.
        for (let n = 0; !victim.dropped(); n++) {
          assert(n < 200, "nothing was dropped");
          ends.push(await askOnce(balanced.port, method, `/${n}`));
        }
        assertEquals(ends, [...ends.slice(1).map(() => 200), end]);
        // From now on it is known to be dead.
        for (let n = 0; n < 30; n++) {
          assertEquals(await askOnce(balanced.port, method, `/${n}`), 200);
        }
      } finally {
        victim.close();
      }
    });
  }

  test(proxy, "the client's address is told, and what it says of itself is not", async (start) => {
    const echo = ({ headers }: Request) =>
      Response.json([headers.get("forwarded"), headers.get("x-forwarded-for")]);
    await using balanced = await start(three(echo));
    const headers = { "forwarded": "for=192.0.2.1", "x-forwarded-for": "192.0.2.2" };
    const response = await fetch(balanced.at("/33"), { headers });
    assertEquals(await response.json(), [null, "127.0.0.1"]);
  });

  test(proxy, "an instance learns at once that a client has hung up", async (start) => {
    const asked = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    await using balanced = await start(three(async ({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      asked.resolve();
      await aborted.promise;
      return new Response();
    }));
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: balanced.port });
    await write(conn, "GET /33 HTTP/1.1\r\nHost: x\r\n\r\n");
    await within(5_000, "request", asked.promise);
    conn.close();
    await within(5_000, "abort", aborted.promise);
  });

  test(proxy, "event streams come piece by piece, and end with their reader", async (start) => {
    const ended = Promise.withResolvers<void>();
    let send = (_text: string) => {};
    await using balanced = await start(three(() =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => {
            send = (text) => controller.enqueue(new TextEncoder().encode(text));
          },
          cancel: () => ended.resolve(),
        }),
        { headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" } },
      )
    ));
    const response = await fetch(balanced.at("/events"));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      send(event);
      assertEquals((await within(5_000, "event", reader.read())).value, event);
    }
    await reader.cancel();
    await within(5_000, "end of the stream", ended.promise);
  });
}

const [haproxy, , caddy] = PROXIES;

for (const proxy of [haproxy, caddy]) {
  test(proxy, "an instance that says it is not ready is left alone soon", async (start) => {
    let ready = true;
    const here = () => new Response();
    await using balanced = await start([here, here], [], () => ready);
    ready = false;
    const begin = performance.now();
    for (let before = -1; before !== balanced.stubs[0].asked;) {
      before = balanced.stubs[0].asked;
      for (let n = 0; n < 20; n++) await (await fetch(balanced.at(`/${n}`))).body?.cancel();
      assertLess(performance.now() - begin, 5_000, "it is still asked");
    }
  });
}

test(haproxy, "the query is not looked at", async (start) => {
  await using balanced = await start(three(() => new Response()));
  for (const query of ["", "?algorithm=naive", "?algorithm=iterative"]) {
    await (await fetch(balanced.at(`/33${query}`))).body?.cancel();
  }
  assertEquals(balanced.stubs.map(({ asked }) => asked).sort(), [0, 0, 3]);
});
