/** The page at `/` as `deno task build` makes it. */
export interface Page {
  /** By path in `dist/web/`: `page.html`, the files in `assets/`, and the compressed forms of each, `….br` and `….gz`. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The version of `page.html`, in characters of an entity tag. */
  readonly tag: string;
}

/** Finds the page; `undefined` while none is built. */
export type PageSource = () => Promise<Page | undefined>;

/**
 * Reads all files of a page, so that those of one build are served even if another one is made meanwhile.
 *
 * @param read Reads a file of `dist/web/`. If it rejects, this does with the same error.
 */
export async function readPage(
  read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Page> {
  const paths: string[] = JSON.parse(new TextDecoder().decode(await read("manifest.json")));
  const files = new Map(
    await Promise.all(paths.map(async (path) => [path, await read(path)] as const)),
  );
  const hash = await crypto.subtle.digest("SHA-256", files.get("page.html")!);
  return { files, tag: new Uint8Array(hash, 0, 12).toBase64() };
}
