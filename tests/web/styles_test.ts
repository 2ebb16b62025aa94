import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const web = new URL("../../lib/web/", import.meta.url);

testWith([{ name: "read", path: web }], "styles use no colour that there is none of", () => {
  const sheets = [...Deno.readDirSync(web)].filter(({ isDirectory }) => isDirectory).flatMap(
    ({ name }) =>
      [...Deno.readDirSync(new URL(name, web))].filter((file) => file.name.endsWith(".css"))
        .map((file) => Deno.readTextFileSync(new URL(`${name}/${file.name}`, web))),
  ).join("\n");
  const defined = new Set([...sheets.matchAll(/(--[\w-]+):/g)].map(([, name]) => name));
  const used = [...sheets.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name);
  assert(used.length > 20, "the pattern finds none any more");
  assertEquals(used.filter((name) => !defined.has(name)), []);
});
