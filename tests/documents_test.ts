/** What the documents name is there. */

import { assert } from "@std/assert";
import denoJson from "../deno.json" with { type: "json" };
import { testWith } from "./permissions.ts";

const root = new URL("../", import.meta.url);
/** For contributors: they name files in code spans. */
const DOCUMENTS = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
const READMES = ["lib/pool", "lib/hono", "lib/big_decimal", "examples"].map((folder) =>
  `${folder}/README.md`
);

/** Those, and what users read. */
function allDocuments(): string[] {
  const pages = [...Deno.readDirSync(new URL("docs/", root))].map(({ name }) => `docs/${name}`);
  return ["README.md", ...DOCUMENTS, ...READMES, ...pages.filter((name) => name.endsWith(".md"))];
}

/** What a contributor makes, and not what is there. */
const PLACEHOLDER = /[A-Z]{4}|\*|…/;

/** What is in a code span is a path if it begins like one. */
const PATH = /^(?:\.\/)?(?:lib|tests|bench|tools|deploy|docs)\/[^\s(]*$|^[a-z_]+\.ts$/;

function read(document: string): string {
  return Deno.readTextFileSync(new URL(document, root));
}

function exists(path: string, base: string | URL = root): boolean {
  try {
    Deno.statSync(new URL(path, base));
    return true;
  } catch {
    return false;
  }
}

/** The names of all files in a folder, and in those in it. */
function* namesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (isDirectory) yield* namesIn(`${folder}${name}/`);
    else yield name;
  }
}

/** Heads of a document, as links name them. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, head]) =>
    head.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-")
  );
}

testWith(
  [{ name: "read", path: root }],
  "links in the documents lead to files and headings that are there",
  () => {
    let links = 0;
    for (const document of allDocuments()) {
      const base = new URL(document, root);
      for (const [, path, anchor] of read(document).matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)) {
        assert(exists(path, base), `${document} links to ${path}`);
        if (anchor) {
          const heads = anchors(Deno.readTextFileSync(new URL(path, base)));
          assert(heads.includes(anchor), `${document} links to ${path}#${anchor}`);
        }
        links++;
      }
    }
    assert(links > 100);
  },
);

testWith([{ name: "read", path: root }], "the README and the pages in docs/ are short", () => {
  const lines = (document: string) => read(document).split("\n").length;
  assert(lines("README.md") <= 261);
  for (const document of allDocuments()) {
    if (document.startsWith("docs/")) assert(lines(document) <= 121, document);
  }
});

testWith([{ name: "read", path: root }], "files that the documents name are there", () => {
  const names = new Set([...namesIn("lib/"), "main.ts", "worker.ts", "imports_test.ts"]);
  let paths = 0;
  for (const document of DOCUMENTS) {
    for (const [, span] of read(document).matchAll(/`([^`\n]+)`/g)) {
      if (!PATH.test(span) || PLACEHOLDER.test(span)) continue;
      assert(names.has(span) || exists(span), `${document} names ${span}`);
      paths++;
    }
  }
  assert(paths > 30);
});

testWith([{ name: "read", path: root }], "paths in the drawings are there", () => {
  const [, drawing] = /```\n([^]*?)```/.exec(read("ARCHITECTURE.md"))!;
  const paths = [...drawing.matchAll(/\b(?:lib\/[\w.]+\/?|main\.ts|worker\.ts)/g)];
  assert(paths.length > 10);
  for (const [path] of paths) assert(exists(path), path);
});

testWith([{ name: "read", path: root }], "tasks that the documents name are there", () => {
  let tasks = 0;
  for (const document of allDocuments()) {
    for (const [, task] of read(document).matchAll(/deno task ([a-z:]+)/g)) {
      assert(task in denoJson.tasks, `${document}: deno task ${task}`);
      tasks++;
    }
  }
  assert(tasks > 5);
});
