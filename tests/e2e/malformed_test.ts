// Bytes that no decent client sends, over a raw socket.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../permissions.ts";
import { assertAnswers33, readAll, write } from "./client.ts";
import { type Service, STARTS_PROGRAMS, startService } from "./service.ts";
import { within } from "./waiting.ts";

/** What is sent. By itself it must make the server answer or close: nothing is added. */
interface Case {
  readonly name: string;
  readonly bytes: string | Uint8Array;
  /** The client then says that it will send no more. */
  readonly halfClose?: boolean;
  /** The statuses that must come back, one for each request. Default: any below 500, or none. */
  readonly statuses?: readonly number[];
}

function request(line: string, ...headers: string[]): string {
  return [line, ...headers, "Connection: close", "", ""].join("\r\n");
}

const LINE = "GET /33 HTTP/1.1";
const HOST = "Host: x";

const CASES: readonly Case[] = [
  { name: "Host: a b<>", bytes: request(LINE, "Host: a b<>"), statuses: [400] },
  { name: "no Host", bytes: request(LINE), statuses: [200] },
  { name: "an empty Host", bytes: request(LINE, "Host:"), statuses: [200] },
  { name: "two Hosts", bytes: request(LINE, HOST, "Host: y"), statuses: [400] },

  { name: "CONNECT", bytes: request("CONNECT a:80 HTTP/1.1", HOST), statuses: [404] },
  { name: "TRACE", bytes: request("TRACE /33 HTTP/1.1", HOST), statuses: [405] },
  { name: "an unknown method", bytes: request("BREW /33 HTTP/1.1", HOST), statuses: [405] },
  { name: "a long method", bytes: request(`${"A".repeat(5000)} /33 HTTP/1.1`, HOST) },
  { name: "OPTIONS *", bytes: request("OPTIONS * HTTP/1.1", HOST), statuses: [404] },

  { name: "/%", bytes: request("GET /% HTTP/1.1", HOST), statuses: [404] },
  { name: "NUL in the path", bytes: request("GET /3\0 HTTP/1.1", HOST) },
  { name: "no path", bytes: request("GET  HTTP/1.1", HOST) },
  { name: "bytes above 127", bytes: request("GET /３３ HTTP/1.1", HOST), statuses: [404] },
  { name: "absolute-form", bytes: request("GET http://y:9/33 HTTP/1.1", HOST), statuses: [200] },
  { name: "another scheme", bytes: request("GET file:///33 HTTP/1.1", HOST) },

  { name: "NUL in a header", bytes: request(LINE, HOST, "X: a\0b") },
  { name: "CR in a header", bytes: request(LINE, HOST, "X: a\rb") },
  { name: "64 kB of header", bytes: request(LINE, HOST, `X: ${"x".repeat(65_536)}`) },
  { name: "1 MB of header", bytes: request(LINE, HOST, `X: ${"x".repeat(1 << 20)}`) },
  { name: "300 headers", bytes: request(LINE, HOST, ...Array(300).fill("X: y")) },
  { name: "lone LFs", bytes: request(LINE, HOST).replaceAll("\r", "") },
  { name: "lone CRs", bytes: request(LINE, HOST).replaceAll("\n", ""), halfClose: true },

  { name: "HTTP/0.9", bytes: "GET /33\r\n\r\n" },
  { name: "HTTP/1.0", bytes: "GET /33 HTTP/1.0\r\n\r\n", statuses: [200] },
  { name: "HTTP/9.9", bytes: request("GET /33 HTTP/9.9", HOST) },
  { name: "an offer of HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", halfClose: true },
  {
    name: "an upgrade",
    bytes: request(LINE, HOST, "Connection: Upgrade", "Upgrade: websocket"),
    statuses: [200],
  },

  { name: "a negative length", bytes: request(LINE, HOST, "Content-Length: -1") },
  {
    name: "two lengths",
    bytes: request("POST /33 HTTP/1.1", HOST, "Content-Length: 1", "Content-Length: 2") + "ab",
  },
  {
    name: "a length and chunks",
    bytes: request(LINE, HOST, "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n",
  },
  {
    name: "a chunk that is none",
    bytes: request("POST /33 HTTP/1.1", HOST, "Transfer-Encoding: chunked") + "zz\r\n\r\n",
  },
  {
    name: "less body than promised",
    bytes: request("POST /33 HTTP/1.1", HOST, "Content-Length: 100000") + "abc",
    halfClose: true,
  },

  { name: "a half-close", bytes: `${LINE}\r\n${HOST}\r\n\r\n`, halfClose: true },
  { name: "a half-close within a header", bytes: `${LINE}\r\nHos`, halfClose: true },
  { name: "nothing", bytes: "", halfClose: true },
  { name: "empty lines", bytes: "\r\n\r\n\r\n", halfClose: true },
  { name: "NULs", bytes: `${"\0".repeat(1000)}\r\n\r\n` },
  { name: "a TLS hello", bytes: Uint8Array.of(0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3) },
  {
    name: "four requests at once",
    bytes: `${LINE}\r\n${HOST}\r\n\r\n`.repeat(3) + request(LINE, HOST),
    statuses: [200, 200, 200, 200],
  },
];

/** Sends bytes, and reads until the service closes the connection. */
async function converse(service: Service, { name, bytes, halfClose }: Case): Promise<string> {
  using conn = await service.connect();
  const answer = readAll(conn);
  // The service may have closed before it has been sent everything.
  await write(conn, bytes).catch((error) => assert(isCutOff(error), error));
  if (halfClose) await conn.closeWrite().catch((error) => assert(isCutOff(error), error));
  return await within(10_000, `end of the connection after ${name}`, answer);
}

function isCutOff(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}

testWith(STARTS_PROGRAMS, "no bytes make the service hang, fail or tell its stack", async (t) => {
  await using service = await startService();
  for (const sent of CASES) {
    await t.step(sent.name, async () => {
      const answer = await converse(service, sent);
      const statuses = [...answer.matchAll(/HTTP\/1\.\d (\d{3}) /g)].map(([, code]) =>
        Number(code)
      );
      if (sent.statuses) assertEquals(statuses, sent.statuses);
      for (const status of statuses) assert(status < 500, answer);
      assert(!/at file:|\.ts:/.test(answer), answer);
      await assertAnswers33(service);
    });
  }
  assertMatch(service.log.at(-1)!, /"message":"started"/);
});
