import { fileURLToPath } from "node:url";

/** What a folder holds: contents by path, from there. */
export type Files = Map<string, Uint8Array<ArrayBuffer>>;

/** @returns Text as a file holds it. */
export function encoded(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/**
 * Makes a folder hold these files and no others. Whoever reads it meanwhile finds each file old or new, never
 * half; and those that come earlier in the map are there before those that come later. Several at once, all with
 * the same files, end as one would.
 *
 * @param folder Its URL, with a slash at the end.
 */
export async function replaceFolder(folder: URL, files: Files): Promise<void> {
  // Beside the folder, not in it: there another build would take it for what an older one has left.
  const dir = fileURLToPath(new URL("../", folder));
  const name = folder.pathname.split("/").at(-2)!;
  const scratch = await Deno.makeTempDir({ dir, prefix: `${name}.` });
  try {
    for (const [path, contents] of files) {
      const target = new URL(path, folder);
      await Deno.mkdir(new URL("./", target), { recursive: true });
      await Deno.writeFile(`${scratch}/file`, contents);
      await Deno.rename(`${scratch}/file`, target);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  for (const path of pathsIn(folder)) {
    if (!files.has(path)) await remove(new URL(path, folder));
  }
}

/** The paths of all files in a folder, from there. */
function* pathsIn(folder: URL, path = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(path, folder))) {
    if (isDirectory) yield* pathsIn(folder, `${path}${name}/`);
    else yield path + name;
  }
}

async function remove(file: URL): Promise<void> {
  try {
    await Deno.remove(file);
  } catch (error) {
    // Another build was faster.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
