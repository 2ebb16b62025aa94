import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { respond } from "../../lib/hono/respond.ts";

const PIECE_BYTES = 16_384;

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

async function piecesOf(response: Response): Promise<Uint8Array[]> {
  return await Array.fromAsync(response.body!);
}

Deno.test("respond() sets status and headers, those of a later group in place of an earlier one's", async () => {
  const response = respond("text", 206, { a: "1", b: "2" }, undefined, { b: "3" });
  assertEquals([response.status, await response.text()], [206, "text"]);
  assertEquals([response.headers.get("a"), response.headers.get("b")], ["1", "3"]);
});

Deno.test("respond() has no body where there is none", () => {
  for (const status of [200, 304]) {
    const response = respond(null, status, { etag: '"x"' });
    assertEquals([response.status, response.body], [status, null]);
    assertEquals(response.headers.get("content-length"), null);
  }
});

Deno.test("respond() leaves the length of a short body to the runtime", async () => {
  for (const body of ["x".repeat(100_000), new Uint8Array(0), bytesOf(PIECE_BYTES)]) {
    const response = respond(body, 200);
    assertEquals(response.headers.get("content-length"), null);
    assertEquals((await response.arrayBuffer()).byteLength, body.length);
  }
});

Deno.test("respond() tells the length of a long body, and sends it in pieces of at most 16 KiB", async () => {
  const beyond = fc.integer({ min: PIECE_BYTES + 1, max: 5 * PIECE_BYTES });
  const exact = fc.constantFrom(2, 3).map((count) => count * PIECE_BYTES);
  await fc.assert(
    fc.asyncProperty(fc.oneof(beyond, exact), async (length) => {
      const response = respond(bytesOf(length), 200, { "content-type": "text/plain" });
      assertEquals(response.headers.get("content-length"), String(length));
      assertEquals(response.headers.get("content-type"), "text/plain");
      const pieces = await piecesOf(response);
      for (const piece of pieces) {
        assert(piece.length > 0);
        assertLessOrEqual(piece.length, PIECE_BYTES);
      }
      const whole = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
      assertEquals(whole, bytesOf(length));
    }),
    { numRuns: 20 },
  );
});

Deno.test("respond() sends the part that a view shows, not the buffer behind it", async () => {
  const part = bytesOf(100_000).subarray(10_000, 60_000);
  const response = respond(part, 206);
  assertEquals(response.headers.get("content-length"), "50000");
  assertEquals(new Uint8Array(await response.arrayBuffer()), part.slice());
});

Deno.test("respond() can be cancelled in the middle, and left unread", async () => {
  const body = bytesOf(100_000);
  const reader = respond(body, 200).body!.getReader();
  await reader.read();
  await reader.cancel("left");
  assertEquals((await reader.read()).done, true);
  respond(body, 200);
  // It is the cache's: nobody else may notice.
  assertEquals(body, bytesOf(100_000));
});

Deno.test("respond() sends one body to two clients that read at their own pace", async () => {
  const body = bytesOf(50_000);
  const [slow, fast] = [respond(body, 200), respond(body, 200)];
  const reader = slow.body!.getReader();
  const first = await reader.read();
  assertEquals(new Uint8Array(await fast.arrayBuffer()), body);
  const rest: Uint8Array[] = [];
  for (let each = await reader.read(); !each.done; each = await reader.read()) {
    rest.push(each.value);
  }
  const whole = new Uint8Array(await new Blob([first.value!, ...rest] as BlobPart[]).arrayBuffer());
  assertEquals(whole, body);
});
