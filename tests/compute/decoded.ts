/** @returns What was compressed, as text; `null` for not at all. */
export async function decoded(
  coding: string | null,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  if (coding === null) return new TextDecoder().decode(bytes);
  // By the platform's own decoder, which knows nothing of how the bytes came about.
  const format = coding === "br" ? "brotli" : coding;
  const decoder = new DecompressionStream(format as CompressionFormat);
  return await new Response(new Blob([bytes]).stream().pipeThrough(decoder)).text();
}
