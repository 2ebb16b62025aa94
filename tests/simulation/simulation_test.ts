/** The net under the pool: its promises in simulated lives, and whether the net holds. */

import { assert, assertEquals, assertExists } from "@std/assert";
import { testWith } from "../permissions.ts";
import { MUTANTS, writeMutant } from "./mutants.ts";
import type { CallPlan, Plan, Step } from "./plan.ts";
import { loadPool } from "./pool_under_test.ts";
import { search, tell } from "./search.ts";

const READ = [{ name: "read" }] as const;

const SETTINGS: Plan["settings"] = {
  size: 1,
  maxQueue: 10,
  cancelGraceMs: 1_000,
  maxWedged: 1,
  shared: true,
  locks: true,
  watchdog: false,
  setup: false,
  loads: [],
};

/** A plan of steps that each have a turn for themselves. */
function plan(...steps: Step[]): Plan {
  return { settings: SETTINGS, steps: steps.map((step) => ({ step, joined: false })) };
}

function call(work: CallPlan["work"], pure = false): Step {
  return { do: "call", work, pure, args: "plain", abortedBefore: false };
}

function pass(ms: number): Step {
  return { do: "pass", ms, order: 0, starved: false };
}

/** The first promise that a plan breaks. */
async function fault(plan: Plan): Promise<string | undefined> {
  const lines = await tell(plan, await loadPool());
  return lines.find((line) => line.includes("FAULT"));
}

testWith(READ, "a pool keeps its promises in a thousand simulated lives", async () => {
  const finding = await search({ from: 1, seeds: 1_000 }, await loadPool());
  assertEquals(finding, undefined, `deno task simulate --from ${finding?.seed} --seeds 1`);
});

testWith(READ, "the same plan does the same again", async () => {
  // What one life leaves behind must not reach into the next.
  const busy = plan(
    call({ kind: "hold", ms: 30 }),
    call({ kind: "crash" }),
    pass(10),
    call({ kind: "spin", ms: 3 }),
    { do: "abort", which: 0 },
    { do: "end", which: 0, how: "silently" },
    pass(3_000),
    { do: "close", graceMs: 20 },
  );
  const first = await tell(busy, await loadPool());
  assert(first.length > 15);
  assertEquals(await tell(busy, await loadPool()), first);
});

testWith(
  READ,
  "a pure call that ends its worker as it returns is tried once more, and no oftener",
  async () => {
    const lines = await tell(plan(call({ kind: "quit" }, true)), await loadPool());
    assertEquals(lines.filter((line) => line.includes("starts call 0")).length, 2);
    assertEquals(lines.filter((line) => line.includes("FAULT")), []);
  },
);

for (const mutant of MUTANTS) {
  testWith([...READ, { name: "write" }], `a pool in which ${mutant.breaks} is found`, async () => {
    const folder = await writeMutant(mutant);
    try {
      const pool = await loadPool(folder);
      assertExists(await search({ from: 1, seeds: 5_000, shorten: false }, pool));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

testWith(READ, "a worker that stopped at once is kept, however busy this thread was", async () => {
  const late = plan(
    pass(60),
    call({ kind: "hold", ms: 10_000 }),
    pass(50),
    { do: "abort", which: 0 },
    { do: "block", ms: 1_200, order: 0 },
    pass(1_000),
  );
  assertEquals(await fault(late), undefined);
});
