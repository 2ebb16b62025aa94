/** What checks the histories of storms. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  check,
  ends,
  type Entry,
  latencyMs,
  mustBeRight,
  nOf,
} from "../../bench/chaos/cluster/history.ts";
import { Program, STARTS_PROGRAMS } from "../e2e/service.ts";
import { testWith } from "../permissions.ts";

function entry(path: string, body: string, end = "200", ms = 1): Entry {
  return { path, at: 0, ms, end, body };
}

Deno.test("check() knows the right values, and tells wrong answers from none", () => {
  const right = [entry("/0", "0"), entry("/10", "55"), entry("/00033?algorithm=naive", "3524578")];
  const wrong = [entry("/10", "56"), entry("/33", "3524578\n"), entry("/1", "")];
  const failed = [entry("/10", "55", "503"), entry("/10", "", "lost"), entry("/11", "", "lost")];
  const verdict = check([...right, ...wrong, ...failed]);
  assertEquals(verdict, { asked: 9, right: 3, wrong, failed });
  assertEquals(ends(failed), "1 × 503, 2 × lost");
  assertEquals(check([entry("/300", String(fibonacci(300)))]).right, 1);
  mustBeRight(right);
  assertThrows(() => mustBeRight(wrong), Error, "3 answers are wrong");
  assertThrows(() => mustBeRight(failed), Error, "not 1 × 503, 2 × lost");
});

function fibonacci(n: number): bigint {
  return n < 2 ? BigInt(n) : step(n, 0n, 1n);
}

function step(n: number, a: bigint, b: bigint): bigint {
  return n === 0 ? a : step(n - 1, b, a + b);
}

Deno.test("a history has latencies, and paths that ask for numbers", () => {
  const history = [1, 2, 3, 100].map((ms) => entry("/1", "1", "200", ms));
  assertEquals([latencyMs(history, 0.5), latencyMs(history, 1)], [2, 100]);
  assertEquals([nOf("/007"), nOf("/7?algorithm=naive")], [7, 7]);
  assertThrows(() => nOf("/abc"));
});

testWith(
  [...STARTS_PROGRAMS, { name: "write" }],
  "check.ts checks a history that was written down, and exits with 1 if it is not right",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const run = async (name: string, history: Entry[]) => {
        const path = `${folder}/${name}.jsonl`;
        await Deno.writeTextFile(path, history.map((entry) => JSON.stringify(entry)).join("\n"));
        await using program = new Program(["run", "-A", "bench/chaos/cluster/check.ts", path]);
        const { code } = await program.status;
        return { code, line: program.stdout.all.join() };
      };
      const good = await run("good", [entry("/10", "55"), entry("/11", "89")]);
      assertEquals(good.code, 0);
      assertStringIncludes(good.line, "2 calls, 2 right, 0 wrong, 0 failed");
      const bad = await run("bad", [
        entry("/10", "55"),
        entry("/11", "90"),
        entry("/1", "", "lost"),
      ]);
      assertEquals(bad.code, 1);
      assertStringIncludes(bad.line, "3 calls, 1 right, 1 wrong, 1 failed (1 × lost)");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
