/** How a body can be compressed, by HTTP's names. */
export type Coding = "gzip" | "br";

/** The part of `node:zlib` in use. */
interface Zlib {
  readonly constants: Record<string, number>;
  gzipSync(bytes: Uint8Array, options: object): Uint8Array;
  brotliCompressSync(bytes: Uint8Array, options: object): Uint8Array;
}

/**
 * Compresses decimal digits. 10 ms (gzip) or 45 ms (br) for two million, which nothing can interrupt.
 *
 * Digits hold 3.32 bits each and repeat nowhere: 41.5 % is the least they take. gzip looks for no repetitions
 * here (`Z_HUFFMAN_ONLY`), which is both faster and smaller (43.7 %) than looking for them (47 %, 23 ms);
 * brotli at quality 4 comes to 43.1 %, and at higher ones to more.
 *
 * @param before ASCII that goes before the digits.
 * @param after ASCII that goes behind them.
 * @returns The bytes, in a buffer that holds nothing else, so that it can be transferred.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compress } from "./compress.ts";
 *
 * const body = compress("gzip", new TextEncoder().encode("3524578"), "F(33) = ");
 * const stream = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
 * assertEquals(await new Response(stream).text(), "F(33) = 3524578");
 * ```
 */
export function compress(
  coding: Coding,
  digits: Uint8Array,
  before = "",
  after = "",
): Uint8Array<ArrayBuffer> {
  const { constants, gzipSync, brotliCompressSync } = zlib();
  const bytes = before || after ? around(digits, before, after) : digits;
  return new Uint8Array(
    coding === "gzip"
      ? gzipSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY })
      : brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  );
}

function around(digits: Uint8Array, before: string, after: string): Uint8Array {
  const bytes = new Uint8Array(before.length + digits.length + after.length);
  const encoder = new TextEncoder();
  encoder.encodeInto(before, bytes);
  bytes.set(digits, before.length);
  encoder.encodeInto(after, bytes.subarray(before.length + digits.length));
  return bytes;
}

/** Not imported: it takes 4 ms to load, and most workers never need it. */
function zlib(): Zlib {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): Zlib };
  };
  return process.getBuiltinModule("node:zlib");
}
