import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { configureLog } from "../../lib/log.ts";
import { testWith } from "../permissions.ts";
import { fakePage, fixture } from "./fakes.ts";
import { type Answer, complaint, requests, type Sent } from "./near_valid.ts";

/** 20,000 take half a minute: `deno task fuzz`. */
const COUNT = Number(globalThis.Deno?.args[0] ?? 2_000);

configureLog("error", () => {});

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Sends one request, and reads until the server closes. */
async function exchange(port: number, { method, target, headers }: Sent): Promise<Answer> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = [`${method} ${target} HTTP/1.1`, ...headers, "Connection: close", "", ""];
  await conn.write(encoder.encode(lines.join("\r\n")));
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (;;) {
    const size = await conn.read(buffer);
    if (size === null) break;
    text += decoder.decode(buffer.subarray(0, size), { stream: true });
  }
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  const field = (name: string) => new RegExp(`\n${name}: ([^\r]*)`, "i").exec(head)?.[1];
  const body = text.slice(end + 4);
  return {
    status: Number(head.slice(9, 12)),
    type: field("content-type"),
    allow: field("allow"),
    body: field("transfer-encoding") ? unchunked(body) : body,
  };
}

function unchunked(text: string): string {
  let whole = "";
  for (let rest = text;;) {
    const end = rest.indexOf("\r\n");
    const length = parseInt(rest.slice(0, end), 16);
    if (!(length > 0)) return whole;
    whole += rest.slice(end + 2, end + 2 + length);
    rest = rest.slice(end + 4 + length);
  }
}

testWith([{ name: "net" }], `${COUNT} near-valid requests are answered as documented`, async () => {
  const { app } = fixture({ page: () => Promise.resolve(fakePage()) });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => new Response() },
    app.fetch,
  );
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const answer = await exchange(server.addr.port, request);
      seen.add(answer.status);
      const found = complaint(request, answer);
      if (found) throw new Error(`${answer.status} ${answer.type}: ${found}`);
    }),
    { numRuns: COUNT, seed: 1 },
  );
  const most = [200, 206, 204, 304, 400, 404, 405, 406, 412, 414, 416, 422, 431, 504];
  assertEquals(most.filter((status) => !seen.has(status)), []);
});
