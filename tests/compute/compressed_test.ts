// Compressed answers: what the service's worker makes of them.

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import fc from "fast-check";
import { compress } from "../../lib/hono/compress.ts";
import { surround } from "../../lib/compute/job.ts";
import { estimator, type FibonacciApi } from "../../lib/compute/mod.ts";
import { createApp } from "../../lib/http/app.ts";
import { WorkerPool } from "../../lib/pool/mod.ts";
import { testWith } from "../permissions.ts";
import { decoded } from "./decoded.ts";

const WORKER = new URL("../../worker.ts", import.meta.url);
const readsWorker = { name: "read", path: new URL("../../", import.meta.url) } as const;
const CODINGS = ["gzip", "br"] as const;

const encoder = new TextEncoder();

/** F(n), by the plainest way there is. */
function fibonacciOf(n: number): string {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < n; i++) [a, b] = [b, a + b];
  return String(a);
}

function realPool(): WorkerPool<FibonacciApi> {
  return new WorkerPool<FibonacciApi>({
    spawn: () => new Worker(WORKER, { type: "module", deno: { permissions: "none" } }),
    size: 1,
  });
}

const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 3_000 });
const ascii = fc.string({ unit: "binary-ascii", maxLength: 50 });

Deno.test.each(CODINGS)(
  "compress() to %s loses nothing, in a buffer of its own",
  async (coding) => {
    await fc.assert(fc.asyncProperty(digits, ascii, ascii, async (digits, before, after) => {
      const given = encoder.encode(digits);
      const bytes = compress(coding, surround(before, given, after));
      assertEquals(await decoded(coding, bytes), before + digits + after);
      assertEquals([bytes.byteOffset, bytes.byteLength], [0, bytes.buffer.byteLength]);
      assertEquals(given, encoder.encode(digits));
    }));
  },
);

Deno.test.each(CODINGS)("compress() to %s takes less than half a byte a digit", (coding) => {
  const given = encoder.encode(fibonacciOf(20_000));
  assertLess(compress(coding, given).length, given.length / 2);
});

testWith([readsWorker], "gzip and br from a real worker decode to the same digits", async () => {
  await using pool = realPool();
  for (const n of [0, 33, 5_000, 30_000]) {
    const expected = fibonacciOf(n);
    for (const coding of CODINGS) {
      for (const [before, after] of [["", ""], [`{"value":"`, `"}`]]) {
        const args = [n, "fast-doubling", coding, before, after] as const;
        const digits = await pool.call("fibonacci", [...args]);
        assert(digits instanceof Uint8Array);
        // Not assertEquals: it would show the difference.
        const same = await decoded(coding, digits) === before + expected + after;
        assert(same, `${coding} of F(${n})`);
      }
    }
  }
});

testWith(
  [readsWorker],
  "a real worker refuses to compress what makes no sense, as without",
  async () => {
    await using pool = realPool();
    for (const coding of [undefined, "gzip"] as const) {
      await assertRejects(() => pool.call("fibonacci", [-1, "iterative", coding]), RangeError);
    }
  },
);

testWith([readsWorker], "GET /n over real workers answers the same in every coding", async () => {
  await using pool = realPool();
  const estimate = estimator();
  const app = createApp({
    backend: pool,
    estimateMs: estimate,
    maxN: 1_000_000,
    deadlineMs: 30_000,
    algorithm: "fast-doubling",
  });
  const get = async (n: number, accept: string, acceptEncoding: string) => {
    const headers = { accept, "accept-encoding": acceptEncoding };
    const response = await app.fetch(new Request(`http://localhost/${n}`, { headers }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const coding = response.headers.get("content-encoding");
    return { coding, text: await decoded(coding, bytes) };
  };
  for (const n of [33, 5_000, 100_000]) {
    const value = fibonacciOf(n);
    for (const acceptEncoding of ["identity", "gzip", "br"]) {
      const expected = n === 33 || acceptEncoding === "identity" ? null : acceptEncoding;
      const text = await get(n, "text/plain", acceptEncoding);
      assertEquals(text.coding, expected);
      assert(text.text === value, `${acceptEncoding} of F(${n})`);
      const json = await get(n, "application/json", acceptEncoding);
      assertEquals(json.coding, expected);
      const { value: told, ...rest } = JSON.parse(json.text);
      assert(told === value, `${acceptEncoding} of F(${n}) as JSON`);
      assertEquals(rest, { n, digits: value.length, algorithm: "fast-doubling" });
    }
  }
});
