import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Files } from "./files.ts";

/** The codings that files are kept in beside themselves, by the ending that their names get. */
const CODINGS = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gz: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

/**
 * @returns The files and their compressed forms, which are made here once, and never while serving. Source maps have
 * none: nobody waits for them, and whatever is in `dist/` costs every `deno task start` the time to compare it.
 */
export async function withCompressed(files: Files): Promise<Files> {
  const loaded = [...files].filter(([path]) => !path.endsWith(".map"));
  const compressed = loaded.flatMap(([path, contents]) =>
    Object.entries(CODINGS).map(async ([ending, compress]) =>
      [`${path}.${ending}`, new Uint8Array(await compress(contents))] as const
    )
  );
  return new Map([...files, ...await Promise.all(compressed)]);
}
