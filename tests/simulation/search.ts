import fc from "fast-check";
import { type Plan, plans } from "./plan.ts";
import type { PoolUnderTest } from "./pool_under_test.ts";
import { run } from "./run.ts";

/** A promise that was broken. */
export interface Finding {
  /** What leads to it. */
  readonly seed: number;
  /** Which promise it was. */
  readonly fault: string;
  /** The least of what the seed stands for that breaks it still, as far as it was made shorter. */
  readonly plan: Plan;
}

/** What to look for. */
export interface Search {
  readonly from: number;
  readonly seeds: number;
  /** Whether a failing plan is made shorter. Default: it is. */
  readonly shorten?: boolean;
}

/** How long a failing plan is made shorter at most. */
const SHRINK_MS = 20_000;

/**
 * Runs seed after seed until one breaks a promise.
 *
 * @param progress Told of the number of seeds done, after each.
 * @returns What was found first; `undefined` if every promise was kept.
 */
export async function search(
  { from, seeds, shorten = true }: Search,
  pool: PoolUnderTest,
  progress: (done: number) => void = () => {},
): Promise<Finding | undefined> {
  const property = fc.asyncProperty(plans, (plan) => run(plan, pool));
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await fc.check(property, {
      seed,
      numRuns: 1,
      interruptAfterTimeLimit: SHRINK_MS,
      endOnFailure: !shorten,
    });
    if (result.failed && result.counterexample) {
      const [plan] = result.counterexample;
      return { seed, fault: (result.errorInstance as Error).message, plan };
    }
    progress(seed - from + 1);
  }
}

/** Tells step by step what happens when a plan is run. */
export async function tell({ settings, steps }: Plan, pool: PoolUnderTest): Promise<string[]> {
  const lines: string[] = [JSON.stringify(settings)];
  await run({ settings, steps }, pool, (text) => lines.push(text)).catch(() => {});
  return lines;
}
