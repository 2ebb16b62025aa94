/** The page at `/` as `deno task build` makes it. */
export interface Page {
  /** By path in `dist/web/`: `page.html`, what it loads in `assets/`, and beside either its `….br` and `….gz`. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** What tells one `page.html` from another, as an entity tag can hold it. */
  readonly tag: string;
}

/** Finds the page; `undefined` while nothing is built. */
export type PageSource = () => Promise<Page | undefined>;

/**
 * Reads a page that was built, all of it: what is served is of one build, whatever is built meanwhile.
 *
 * @param read Reads a file of `dist/web/`. Whatever it rejects with, this does too.
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
