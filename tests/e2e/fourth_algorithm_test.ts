/** That a new algorithm is one file and one line, by adding one to a copy of the project. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testWith } from "../permissions.ts";
import { get } from "./client.ts";
import { Program, STARTS_PROGRAMS, startService } from "./service.ts";
import { within } from "./waiting.ts";

const ROOT = new URL("../../", import.meta.url);

/** What is needed to run the service, build the page, and test what all algorithms have in common. */
const COPIED = [
  ...["deno.json", "deno.lock", "main.ts", "worker.ts", "lib", "tools"],
  ...["tests/deno.lock", "tests/libraries", "tests/web/deno.json"],
  ...["tests/fibonacci/conformance_test.ts", "tests/fibonacci/algorithms_test.ts"],
  ...["tests/fibonacci/estimate_test.ts", "tests/config_test.ts"],
];

const FILE = "lib/fibonacci/algorithms/matrix.ts";
const ALGORITHM = `import type { Algorithm } from "../algorithm.ts";
import { fromDecades } from "../decades.ts";
import { toDigits, toDigitsMs } from "../digits.ts";

type Matrix = readonly [bigint, bigint, bigint, bigint];

const multiplicationsMs = fromDecades([0.002, 0.002, 0.004, 0.01, 0.12, 4, 110]);

/** F(n) as an element of the n-th power of [[1, 1], [1, 0]]. */
export const matrix = {
  name: "matrix",
  label: "matrix",
  description: "powers of a matrix of two rows, by squaring",
  maxN: 1_000_000,
  probeN: 10_000,
  computeMs: (n) => multiplicationsMs(n) + toDigitsMs(n),
  compute(n, checkpoint) {
    let power: Matrix = [1n, 0n, 0n, 1n];
    const times = ([a, b, c, d]: Matrix, [e, f, g, h]: Matrix): Matrix => {
      const element = (x: bigint, y: bigint, z: bigint, w: bigint) => {
        checkpoint();
        return x * y + z * w;
      };
      return [element(a, e, b, g), element(a, f, b, h), element(c, e, d, g), element(c, f, d, h)];
    };
    for (const bit of n.toString(2)) {
      power = times(power, power);
      if (bit === "1") power = times(power, [1n, 1n, 1n, 0n]);
    }
    return toDigits(power[1], checkpoint);
  },
} as const satisfies Algorithm;
`;
const LIST = "lib/fibonacci/algorithms/mod.ts";
const LINE = `export { matrix } from "./matrix.ts";\n`;

testWith(
  [...STARTS_PROGRAMS, { name: "write" }],
  "a new algorithm is one file and one line",
  async (t) => {
    const folder = await Deno.makeTempDir();
    const run = async (...args: string[]) => {
      await using program = new Program(args, {}, folder);
      const { code } = await within(120_000, args.join(" "), program.status);
      assertEquals(code, 0, [...program.stdout.all, ...program.stderr.all].join("\n"));
      return program.stdout.all.join("\n");
    };
    try {
      for (const path of COPIED) await copy(new URL(path, ROOT), `${folder}/${path}`);
      await Deno.writeTextFile(`${folder}/${FILE}`, ALGORITHM);
      await Deno.writeTextFile(`${folder}/${LIST}`, LINE, { append: true });

      await t.step("types are right", async () => {
        await run("check", "main.ts", "worker.ts", "lib/web/page.ts", "lib/web/worker.ts", FILE);
      });

      await t.step("it conforms", async () => {
        const told = await run("test", "--allow-all", "--no-check");
        assertStringIncludes(told, "matrix equals the recurrence");
      });

      await t.step("help and the page have it", async () => {
        assertStringIncludes(await run("task", "start", "--help"), "matrix");
        const page = await Deno.readTextFile(`${folder}/dist/web/page.html`);
        assertEquals(page.match(/value="matrix"/g)?.length, 2);
      });

      await t.step("the service has it", async () => {
        await using service = await startService({ folder, env: { ALGORITHM: "matrix" } });
        const { body, headers } = await get(service, "/33?algorithm=matrix");
        assertEquals([body, headers.get("etag")], ["3524578", '"33.text"']);
        const unknown = await get(service, "/33?algorithm=x");
        assertStringIncludes(unknown.body, "algorithm must be one of naive, matrix, iterative");
        const description = JSON.parse((await get(service, "/openapi.json")).body);
        const [named] = description.paths["/{n}"].get.parameters.filter(
          ({ name }: { name: string }) => name === "algorithm",
        );
        assert(named.schema.enum.includes("matrix"));
        assertStringIncludes(named.description, "`matrix`: powers of a matrix");
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function copy(from: URL, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    return await Deno.copyFile(from, to);
  }
  for await (const { name } of Deno.readDir(from)) {
    await copy(new URL(`${from.href}/${name}`), `${to}/${name}`);
  }
}
