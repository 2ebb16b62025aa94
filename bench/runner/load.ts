/**
 * Load: so many connections, each of which asks again as soon as it is answered. wrk makes it where it is
 * found. Where not, this program does: `load.ts <load as JSON>`, a process of its own, which takes more of the machine
 * from the server than wrk does.
 *
 * @module
 */

import { Connection } from "./connection.ts";
import { output } from "./process.ts";

/** What to ask for, and how. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** More than `Host`: lines of a request. */
  readonly headers?: readonly string[];
}

/** @returns The answers a second. @throws {Error} If there was any but 200. */
export async function putLoad(load: Load, wrk: boolean): Promise<number> {
  const { port, path, connections, seconds, headers = [] } = load;
  const rate = wrk
    ? parseWrk(
      await output({
        program: "wrk",
        args: [
          ...["-t", "1", "-c", `${connections}`, "-d", `${seconds}s`, "--timeout", "60s"],
          ...headers.flatMap((line) => ["-H", line]),
          `http://127.0.0.1:${port}${path}`,
        ],
      }),
    )
    : JSON.parse(
      await output({
        program: Deno.execPath(),
        args: [
          ...["run", "--allow-net=127.0.0.1", import.meta.filename!, JSON.stringify(load)],
        ],
      }),
    );
  if (!(rate >= 0)) throw new Error(`Nobody knows how much of ${path} was answered`);
  return rate;
}

/** Reads the rate off wrk's report. @throws {Error} If anything went wrong. */
export function parseWrk(report: string): number {
  const trouble = report.match(/(Non-2xx|Socket errors).*/);
  if (trouble) throw new Error(`wrk reports ${trouble[0]}`);
  return Number(report.match(/Requests\/sec:\s+([\d.]+)/)?.[1]);
}

async function generate({ port, path, connections, seconds, headers }: Load): Promise<number> {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let answers = 0;
  await Promise.all(Array.from({ length: connections }, async () => {
    using connection = await Connection.open(port);
    while (performance.now() < end) {
      const { status } = await connection.get(path, headers);
      if (status !== 200) throw new Error(`${path} was answered with ${status}`);
      if (performance.now() < end) answers++;
    }
  }));
  return answers / seconds;
}

if (import.meta.main) console.log(await generate(JSON.parse(Deno.args[0])));
