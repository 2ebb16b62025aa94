// What only a real server shows: rows of the contract as they look on the wire.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { configureLog } from "../../lib/log.ts";
import { type Compute, fixture, type FixtureOptions, HoldingCompute, resultOf } from "./fakes.ts";

const ignore =
  (await Deno.permissions.query({ name: "net", host: "127.0.0.1" })).state !== "granted";

configureLog("error", () => {});

/** Runs a server for one test. */
async function serving(
  options: FixtureOptions,
  run: (connect: () => Promise<Deno.Conn>) => Promise<void>,
): Promise<void> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    fixture(options).app.fetch,
  );
  await run(() => Deno.connect({ hostname: "127.0.0.1", port: server.addr.port }));
}

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const writer = conn.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}

/** Sends one request, and reads until the server closes. */
async function exchange(connection: Promise<Deno.Conn>, line: string, ...headers: string[]) {
  const conn = await connection;
  const host = headers.some((header) => header.startsWith("Host:")) ? [] : ["Host: x"];
  const lines = [`${line} HTTP/1.1`, ...host, ...headers, "Connection: close", "", ""];
  await send(conn, lines.join("\r\n"));
  const answer = await new Response(conn.readable).text();
  const end = answer.indexOf("\r\n\r\n");
  return { head: answer.slice(0, end).toLowerCase(), body: answer.slice(end + 4) };
}

Deno.test({ name: "HEAD has GET's Content-Length on the wire, or none", ignore }, async () => {
  await serving({}, async (connect) => {
    for (const path of ["/1000", "/", "/healthz", "/openapi.json", "/nope", "/99999999"]) {
      const get = await exchange(connect(), `GET ${path}`);
      const head = await exchange(connect(), `HEAD ${path}`);
      const length = `content-length: ${get.body.length}`;
      assertEquals(head.body, "");
      assertStringIncludes(get.head, length);
      assertStringIncludes(head.head, length);
    }
    for (const path of ["/sequence", "/events"]) {
      const { head, body } = await exchange(connect(), `HEAD ${path}`);
      assertMatch(head, /^http\/1.1 200 /);
      assert(!head.includes("content-length"), head);
      assertEquals(body, "");
    }
  });
});

Deno.test({ name: "304 has no body and no length on the wire", ignore }, async () => {
  await serving({}, async (connect) => {
    for (const method of ["GET", "HEAD"]) {
      const { head, body } = await exchange(connect(), `${method} /33`, "If-None-Match: *");
      assertMatch(head, /^http\/1.1 304 /);
      assert(!head.includes("content-length"), head);
      assertEquals(body, "");
    }
  });
});

Deno.test({ name: "no request target is a 5xx", ignore }, async () => {
  await serving({}, async (connect) => {
    for (
      const [line, status] of [
        ["OPTIONS *", 404],
        ["GET *", 400],
        ["CONNECT a:80", 404],
        ["TRACE /5", 405],
        ["BREW /5", 405],
        ["GET http://other:99/5", 200],
        ["GET /:n{[0-9]+}", 404],
        ["GET /assets/:name", 404],
        ["GET //", 404],
        ["GET /%", 404],
        ["GET /%zz", 404],
        ["GET /５", 404],
        ["GET /a\0b", 400],
        ["GET foo", 400],
        ["GET /5?%zz=%", 400],
        [`GET /${"9".repeat(60_000)}`, 422],
      ]
    ) {
      const { head } = await exchange(connect(), String(line));
      assertMatch(head, new RegExp(`^http/1.1 ${status} `), String(line).slice(0, 30));
    }
    for (const host of ["a b<>", "x/5?", "[::1", "x:99999"]) {
      const { head } = await exchange(connect(), "GET /33", `Host: ${host}`);
      assertMatch(head, /^http\/1.1 400 /, host);
    }
    assertMatch((await exchange(connect(), "GET /33", "Host: ")).head, /^http\/1.1 200 /);
  });
});

Deno.test({ name: "a client that hangs up aborts its call", ignore }, async () => {
  const holding = new HoldingCompute();
  await serving({ compute: holding.compute, estimateMs: () => 1 }, async (connect) => {
    const conn = await connect();
    await send(conn, "GET /33 HTTP/1.1\r\nHost: x\r\n\r\n");
    const { signal } = (await holding.call(0)).options;
    const aborted = new Promise((resolve) => signal!.addEventListener("abort", resolve));
    conn.close();
    await aborted;
  });
});

Deno.test({ name: "a client that hangs up ends its sequence", ignore }, async () => {
  const holding = new HoldingCompute();
  await serving({ compute: holding.compute }, async (connect) => {
    const conn = await connect();
    await send(conn, "GET /sequence HTTP/1.1\r\nHost: x\r\n\r\n");
    (await holding.call(0)).answer();
    const { signal } = (await holding.call(1)).options;
    const aborted = new Promise((resolve) => signal!.addEventListener("abort", resolve));
    conn.close();
    await aborted;
  });
});

Deno.test({ name: "a client that hangs up ends its event stream", ignore }, async () => {
  const ended = Promise.withResolvers<void>();
  const clock = { now: () => 0, every: () => ended.resolve };
  await serving({ clock }, async (connect) => {
    const conn = await connect();
    await send(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    await conn.read(new Uint8Array(1000));
    conn.close();
    await ended.promise;
  });
});

Deno.test({ name: "a sequence that fails is cut, not ended", ignore }, async () => {
  const compute: Compute = ({ n }) =>
    n < 3 ? Promise.resolve(resultOf(n)) : Promise.reject(new Error("a bug"));
  await serving({ compute }, async (connect) => {
    const { head, body } = await exchange(connect(), "GET /sequence");
    assertStringIncludes(head, "transfer-encoding: chunked");
    assertStringIncludes(body, `"n":2`);
    assert(!body.endsWith("0\r\n\r\n"), body);
  });
  await serving({}, async (connect) => {
    const { body } = await exchange(connect(), "GET /sequence");
    assert(body.endsWith("0\r\n\r\n"), body);
  });
});

Deno.test(
  { name: "nothing is compressed on the wire but what the app compresses", ignore },
  async () => {
    await serving({}, async (connect) => {
      for (const path of ["/33", "/4781", "/openapi.json", "/metrics", "/nope"]) {
        const { head } = await exchange(connect(), `GET ${path}`, "Accept-Encoding: gzip, br");
        assert(!head.includes("content-encoding"), head);
        // The runtime would make a weak one of it.
        assert(!head.includes('etag: w/"'), head);
      }
    });
  },
);

/** Bytes of which no two neighbouring pieces are the same. */
function longBody(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => 0x30 + (i * 7 + (i >> 14)) % 10);
}

/** Answers each n with a body of n bytes. */
const long: Compute = ({ n }) => Promise.resolve(resultOf(0, { digits: longBody(n) }));

Deno.test(
  { name: "a long body has its Content-Length on the wire, and every byte", ignore },
  async () => {
    await serving({ compute: long }, async (connect) => {
      for (const length of [16_383, 16_384, 16_385, 32_768, 32_769, 1_000_000]) {
        const { head, body } = await exchange(connect(), `GET /${length}`);
        assertMatch(head, /^http\/1.1 200 /);
        assertStringIncludes(head, `content-length: ${length}`);
        assert(!head.includes("transfer-encoding"), head);
        // Not assertEquals: it would show the difference.
        assert(body === new TextDecoder().decode(longBody(length)), `${length} bytes`);
      }
    });
  },
);

Deno.test({ name: "long bodies follow each other on one connection", ignore }, async () => {
  await serving({ compute: long }, async (connect) => {
    using conn = await connect();
    const lengths = [50_000, 16_385, 3, 100_000];
    // All before the first answer is read: each has to end where the next one begins.
    for (const length of lengths) await send(conn, `GET /${length} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    let received = "";
    const receive = async () => {
      const count = await conn.read(buffer);
      assert(count !== null, "the connection was closed");
      received += decoder.decode(buffer.subarray(0, count));
    };
    for (const length of lengths) {
      while (!received.includes("\r\n\r\n")) await receive();
      const start = received.indexOf("\r\n\r\n") + 4;
      assertStringIncludes(received.slice(0, start), `content-length: ${length}\r\n`);
      while (received.length < start + length) await receive();
      const body = received.slice(start, start + length);
      assert(body === decoder.decode(longBody(length)), `${length} bytes`);
      received = received.slice(start + length);
    }
    assertEquals(received, "");
  });
});

Deno.test(
  { name: "a client that leaves in the middle of a long body harms nobody", ignore },
  async () => {
    const length = 20_000_000;
    const digits = longBody(length);
    const compute: Compute = () => Promise.resolve(resultOf(0, { digits }));
    await serving({ compute, maxN: 1e9 }, async (connect) => {
      for (let leaves = 0; leaves < 3; leaves++) {
        const [leaving, staying] = await Promise.all([connect(), connect()]);
        await send(leaving, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
        // It is longer than what all buffers between here and there hold, so this is the middle.
        const read = await leaving.read(new Uint8Array(65_536));
        assert(read! > 0);
        const whole = exchange(Promise.resolve(staying), "GET /2");
        leaving.close();
        const { head, body } = await whole;
        assertStringIncludes(head, `content-length: ${length}`);
        assertEquals(body.length, length);
      }
      assertMatch((await exchange(connect(), "GET /healthz")).head, /^http\/1.1 200 /);
    });
  },
);
