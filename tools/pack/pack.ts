/**
 * Makes npm packages of `lib/pool/` and `lib/hono/`, in `dist/npm/` or in a folder that is named as an argument:
 * `deno task pack`.
 *
 * ```
 *  lib/pool/ ── deno pack ──► *.js, *.d.ts, package.json ── what npm has to know ──► off-the-loop-pool-0.1.0.tgz
 * ```
 *
 * @module
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { create, extract } from "tar";

/** What `package.json` says, as far as it matters here. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  dependencies: Record<string, string>;
  [field: string]: unknown;
}

/** A folder of `lib/`, and those of its dependencies that its user brings along. */
interface Package {
  readonly folder: string;
  /** Both sides must have the same copy, or it is needed by one door only. */
  readonly peers: readonly string[];
  /** Peers that can be left out. */
  readonly optional: readonly string[];
}

const PACKAGES: readonly Package[] = [
  { folder: "pool", peers: ["@opentelemetry/api"], optional: ["@opentelemetry/api"] },
  { folder: "hono", peers: ["hono", "@off-the-loop/pool"], optional: [] },
];

/** Older ones have no `process.getBuiltinModule`. */
const NODE = ">=20.16";

const root = new URL("../../", import.meta.url);

/** Comlink names its ES module by a field that bundlers know and Node doesn't. */
const COMLINK = "comlink/dist/esm/comlink.mjs";

/** Makes one package's tarball. @returns Its name. */
async function pack({ folder, peers, optional }: Package, target: URL): Promise<string> {
  const source = new URL(`lib/${folder}/`, root);
  const scratch = await Deno.makeTempDir();
  try {
    await denoPack(source, `${scratch}/deno.tgz`);
    await extract({ file: `${scratch}/deno.tgz`, cwd: scratch });
    const packed = `${scratch}/package`;

    const manifest: Manifest = JSON.parse(await Deno.readTextFile(`${packed}/package.json`));
    const { name, version } = manifest;
    const { description } = JSON.parse(await Deno.readTextFile(new URL("deno.json", source)));
    const wanted = { ...manifest.dependencies, "@off-the-loop/pool": `^${version}` };
    const isPeer = (name: string) => peers.includes(name);
    manifest.dependencies = only(manifest.dependencies, (name) => !isPeer(name));
    const about = {
      ...manifest,
      description,
      engines: { node: NODE },
      sideEffects: false,
      peerDependencies: only(wanted, isPeer),
      peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
    };
    await Deno.writeTextFile(`${packed}/package.json`, JSON.stringify(about, null, 2) + "\n");
    await Deno.copyFile(new URL("LICENSE", root), `${packed}/LICENSE`);
    await Deno.copyFile(new URL("README.md", source), `${packed}/README.md`);

    const files = [...filesIn(packed)].sort();
    for (const file of files) {
      if (!file.endsWith(".js")) continue;
      const text = await Deno.readTextFile(`${packed}/${file}`);
      await Deno.writeTextFile(
        `${packed}/${file}`,
        text.replaceAll(/(?<=^(?:.*\*\/ )?import .* from ")comlink(?=";$)/gm, COMLINK),
      );
    }
    const tarball = `${name.slice(1).replace("/", "-")}-${version}.tgz`;
    await create({
      cwd: scratch,
      file: `${scratch}/${tarball}`,
      gzip: true,
      // The same input gives the same file, on every machine.
      portable: true,
      mtime: new Date(0),
    }, files.map((file) => `package/${file}`));
    await Deno.mkdir(target, { recursive: true });
    await Deno.copyFile(`${scratch}/${tarball}`, new URL(tarball, target));
    return tarball;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function denoPack(cwd: URL, file: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["pack", "--allow-dirty", "--no-source-maps", "--output", file],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** The paths of all files in a folder, from there. */
function* filesIn(folder: string, path = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${path}`)) {
    if (isDirectory) yield* filesIn(folder, `${path}${name}/`);
    else yield path + name;
  }
}

function only(
  versions: Record<string, string>,
  isIn: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(versions).filter(([name]) => isIn(name)));
}

const [folder] = Deno.args;
const target = folder === undefined ? new URL("dist/npm/", root) : pathToFileURL(`${folder}/`);
for (const name of await Promise.all(PACKAGES.map((each) => pack(each, target)))) {
  console.log(fileURLToPath(new URL(name, target)));
}
