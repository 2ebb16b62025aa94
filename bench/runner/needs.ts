/**
 * What contenders need of the machine, and why they can't have it.
 *
 * @module
 */

import type { Need } from "../contenders/contender.ts";
import { pythonWithTornado } from "../contenders/commands.ts";
import { load } from "../contenders/digits/gmp.ts";
import { output, ROOT } from "./process.ts";

/** Debian's. */
export const CHROMIUM = "/usr/bin/chromium";

const CHECKS: Record<Need, () => void | Promise<unknown>> = {
  node: async () => {
    if (await nodeVersion() === undefined) throw new Error("There is no Node");
  },
  peers: installPeers,
  tornado: () => void pythonWithTornado(),
  gmp: () => load().close(),
  chromium: () => output({ program: CHROMIUM, args: ["--version"] }),
  dist: () => output({ program: Deno.execPath(), args: ["task", "build"] }),
};

const REASONS: Record<Need, string> = {
  node: "`node` is not found",
  peers: "its package could not be installed",
  tornado: "Python has no `tornado`",
  gmp: "libgmp is not found",
  chromium: "Debian's `chromium` is not found",
  dist: "`deno task build` failed",
};

/** What an installation over a slow line may take. */
const INSTALL_MS = 300_000;

const known = new Map<Need, Promise<string | undefined>>();

/** @returns Why something needed is not to be had; `undefined` if all is there. */
export async function missing(needs: readonly Need[] = []): Promise<string | undefined> {
  for (const need of needs) {
    if (!known.has(need)) known.set(need, check(need));
    const reason = await known.get(need);
    if (reason) return reason;
  }
}

async function check(need: Need): Promise<string | undefined> {
  try {
    await CHECKS[need]();
  } catch {
    return REASONS[need];
  }
}

/**
 * @returns The version of `node`; `undefined` if that is Deno, which puts a stand-in for it on the path of what
 * it starts where there is none.
 */
export async function nodeVersion(): Promise<string | undefined> {
  const script = "process.versions.deno === undefined ? process.versions.node : ''";
  return (await output({ program: "node", args: ["-p", script] })).trim() || undefined;
}

/** Installs what `bench/peers/package.json` names, unless it is there: by npm, or else by Deno. */
async function installPeers(): Promise<void> {
  const peers = new URL("bench/peers/", ROOT);
  const read = (path: string) => JSON.parse(Deno.readTextFileSync(new URL(path, peers)));
  const wanted = Object.entries<string>(read("package.json").dependencies);
  const installed = () =>
    wanted.every(([name, version]) => {
      try {
        return read(`node_modules/${name}/package.json`).version === version;
      } catch {
        return false;
      }
    });
  if (installed()) return;
  console.error("Installing bench/peers");
  const sh = (command: string) =>
    output({ program: "sh", args: ["-c", `cd bench/peers && ${command}`] }, INSTALL_MS);
  await sh("npm ci --no-fund --no-audit").catch(() => {});
  if (!installed()) await sh(`"${Deno.execPath()}" install --no-lock`);
  if (!installed()) throw new Error("Packages were not installed");
}
