import type { Coding } from "./compute/compute.ts";

/** The part of `node:zlib` in use. */
interface Zlib {
  readonly constants: Record<string, number>;
  gzipSync(bytes: Uint8Array, options: object): Uint8Array;
  brotliCompressSync(bytes: Uint8Array, options: object): Uint8Array;
}

/**
 * Compresses what is mostly decimal digits. 10 ms (gzip) or 45 ms (br) for two million, which nothing can interrupt.
 *
 * Digits hold 3.32 bits each and repeat nowhere: 41.5 % is the least they take. gzip looks for no repetitions
 * here (`Z_HUFFMAN_ONLY`), which is both faster and smaller (43.7 %) than looking for them (47 %, 23 ms);
 * brotli at quality 4 comes to 43.1 %, and at higher ones to more.
 *
 * @returns The bytes, in a buffer that holds nothing else, so that it can be transferred.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compress } from "./compress.ts";
 *
 * const body = compress("gzip", new TextEncoder().encode("3524578"));
 * const stream = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
 * assertEquals(await new Response(stream).text(), "3524578");
 * ```
 */
export function compress(coding: Coding, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { constants, gzipSync, brotliCompressSync } = zlib();
  return new Uint8Array(
    coding === "gzip"
      ? gzipSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY })
      : brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  );
}

/** Not imported: it takes 4 ms to load, and most workers never need it. */
function zlib(): Zlib {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): Zlib };
  };
  return process.getBuiltinModule("node:zlib");
}
