import { assertEquals } from "@std/assert";
import { pathToFileURL } from "node:url";
import { encoded, type Files, replaceFolder } from "../../tools/build/files.ts";
import { testWith } from "../permissions.ts";

const NEEDS = [{ name: "read" }, { name: "write" }] as const;

/** Runs with the URL of a folder in one that nothing else is in. */
async function withFolder(run: (folder: URL, around: string) => Promise<void>): Promise<void> {
  const around = await Deno.makeTempDir();
  try {
    await run(pathToFileURL(`${around}/dist/`), around);
  } finally {
    await Deno.remove(around, { recursive: true });
  }
}

function filesOf(texts: Record<string, string>): Files {
  return new Map(Object.entries(texts).map(([path, text]) => [path, encoded(text)]));
}

function textsIn(folder: URL): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    const url = new URL(name, folder);
    if (isFile) texts[name] = Deno.readTextFileSync(url);
    else {for (const [path, text] of Object.entries(textsIn(new URL(`${name}/`, folder)))) {
        texts[`${name}/${path}`] = text;
      }}
  }
  return texts;
}

testWith(
  NEEDS,
  "replaceFolder() leaves its files, none of those before, and nothing beside",
  () =>
    withFolder(async (folder, around) => {
      await replaceFolder(folder, filesOf({ "a": "1", "in/a-1": "1", "in/b": "1" }));
      assertEquals(textsIn(folder), { "a": "1", "in/a-1": "1", "in/b": "1" });
      await replaceFolder(folder, filesOf({ "a": "2", "in/a-2": "2", "in/b": "1" }));
      assertEquals(textsIn(folder), { "a": "2", "in/a-2": "2", "in/b": "1" });
      assertEquals([...Deno.readDirSync(around)].map(({ name }) => name), ["dist"]);
    }),
);

testWith(
  NEEDS,
  "replaceFolder() can run several times at once",
  () =>
    withFolder(async (folder, around) => {
      const texts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`in/${i}`, `${i}`]));
      await replaceFolder(folder, filesOf({ "in/old": "" }));
      await Promise.all(Array.from({ length: 4 }, () => replaceFolder(folder, filesOf(texts))));
      assertEquals(textsIn(folder), texts);
      assertEquals([...Deno.readDirSync(around)].map(({ name }) => name), ["dist"]);
    }),
);
