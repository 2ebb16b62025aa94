// Bodies that nobody wants, on the wire: they are refused, and not read for ever.

import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { configureLog } from "../../lib/log.ts";
import { testWith } from "../permissions.ts";
import { fixture } from "./fakes.ts";

const NET = [{ name: "net" }] as const;

/** What a client may get rid of: what is read here, and what the buffers between here and there hold. */
const MOST_BYTES = 64_000_000;

configureLog("error", () => {});

/** Sends the head of a request, and then a body for as long as it is taken. */
async function flood(request: string, part: Uint8Array<ArrayBuffer>) {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => new Response() },
    fixture().app.fetch,
  );
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await conn.write(new TextEncoder().encode(request));
  let sent = 0;
  const sending = (async () => {
    while (sent < MOST_BYTES) sent += await conn.write(part);
  })().catch(() => {});
  let answer = "";
  const buffer = new Uint8Array(65_536);
  try {
    for (let size = await conn.read(buffer); size !== null; size = await conn.read(buffer)) {
      answer += new TextDecoder().decode(buffer.subarray(0, size));
    }
  } catch {
    // It was cut.
  }
  await sending;
  return { answer, sent };
}

const ENDLESS = "Content-Length: 100000000000";
const CHUNKED = "Transfer-Encoding: chunked";
const plain = new Uint8Array(65_536);
const chunk = new TextEncoder().encode(`10000\r\n${"y".repeat(65_536)}\r\n`);

for (
  const [line, header, part, status, code] of [
    ["POST /33", ENDLESS, plain, 405, "method-not-allowed"],
    ["POST /33", CHUNKED, chunk, 405, "method-not-allowed"],
    ["PUT /nothing", ENDLESS, plain, 404, "not-found"],
    ["GET /33", ENDLESS, plain, 400, "unexpected-body"],
    ["GET /33", CHUNKED, chunk, 400, "unexpected-body"],
    ["OPTIONS /33", ENDLESS, plain, 400, "unexpected-body"],
  ] as const
) {
  testWith(
    NET,
    `an endless body is refused, and its connection cut: ${line}, ${header}`,
    async () => {
      const { answer, sent } = await flood(
        `${line} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`,
        part,
      );
      assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
      assertStringIncludes(answer, `"code":"${code}"`);
      assertLess(sent, MOST_BYTES);
    },
  );
}

/** Sends everything at once, and reads what comes until it ends so. */
async function exchange(text: string, end: string): Promise<string> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => new Response() },
    fixture().app.fetch,
  );
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await conn.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(65_536);
  let answer = "";
  try {
    while (!answer.endsWith(end)) {
      const size = await conn.read(buffer);
      if (size === null) break;
      answer += new TextDecoder().decode(buffer.subarray(0, size));
    }
  } catch {
    // It was cut.
  }
  return answer;
}

testWith(NET, "a short body is refused in good order, and the connection goes on", async () => {
  for (const [line, status] of [["POST /33", 405], ["GET /33", 400], ["PUT /x", 404]] as const) {
    const first = `${line} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc`;
    const answer = await exchange(`${first}GET /33 HTTP/1.1\r\nHost: x\r\n\r\n`, "3524578");
    assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert(answer.endsWith("3524578"), answer);
  }
});

testWith(NET, "a body of no length is none", async () => {
  const text = "GET /33 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
  assertMatch(await exchange(text, "3524578"), /^HTTP\/1.1 200 /);
});

testWith(NET, "what comes behind a CONNECT is not read as a request", async () => {
  for (const target of ["x:80", "x"]) {
    const behind = "GET /33 HTTP/1.1\r\nHost: x\r\n\r\n";
    const text = `CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n${behind}`;
    // Until it is closed.
    const answer = await exchange(text, "3524578");
    assertEquals(answer.match(/HTTP\/1.1/g)?.length, 1, answer);
    assertMatch(answer, /^HTTP\/1.1 40[45] /);
  }
});
