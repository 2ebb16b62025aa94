import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { type Estimator, estimator, InfeasibleError } from "../../lib/compute/mod.ts";
import { requireFeasible } from "../../lib/compute/estimator.ts";
import { estimateMs, REFERENCE_SPEED } from "../../lib/fibonacci/mod.ts";

const job = { n: 100_000, algorithm: "iterative" } as const;

Deno.test("estimator() goes by the reference machine until it knows its own", () => {
  const estimate: Estimator = estimator();
  assertEquals(estimate(job), estimateMs(job.n, job.algorithm));
  estimate.speed = { ...REFERENCE_SPEED, iterative: 4 };
  assertEquals(estimate(job), estimateMs(job.n, job.algorithm) / 4);
});

Deno.test("estimator() tells algorithms and numbers apart", () => {
  const estimate = estimator();
  assertLess(estimate({ n: 1_000, algorithm: "iterative" }), estimate(job));
  assertLess(estimate({ n: 100_000, algorithm: "fast-doubling" }), estimate(job));
});

Deno.test("estimator() makes one that shares nothing with another", () => {
  const [first, second] = [estimator(), estimator()];
  first.speed = { ...REFERENCE_SPEED, iterative: 4 };
  assertEquals(second(job), estimateMs(job.n, job.algorithm));
});

Deno.test("requireFeasible() throws if and only if the estimate is above the deadline", () => {
  requireFeasible(10, 10);
  requireFeasible(0, 0);
  requireFeasible(Number.MAX_VALUE);
  const error = assertThrows(() => requireFeasible(10.5, 10), InfeasibleError);
  assertEquals(error.message, "Call would take about 11 ms and may take 10 ms");
  assertEquals([error.name, error.estimateMs, error.deadlineMs], ["InfeasibleError", 10.5, 10]);
});

Deno.test("estimator() learns from a run that was faster than predicted, and from no other", () => {
  const estimate = estimator();
  const other = { n: 40, algorithm: "naive" } as const;
  const [predictedMs, otherMs] = [estimate(job), estimate(other)];
  estimate.learn(job, predictedMs * 5);
  assertEquals(estimate(job), predictedMs);
  estimate.learn({ n: 10, algorithm: "iterative" }, 1e-6);
  assertEquals(estimate(job), predictedMs);
  estimate.learn(job, predictedMs / 2);
  assertAlmostEquals(estimate(job), predictedMs / 2);
  assertEquals(estimate(other), otherMs);
});

Deno.test("estimator() counts compressing, and learns nothing from it", () => {
  const estimate = estimator();
  const large = { n: 10_000_000, algorithm: "fast-doubling" } as const;
  const predictedMs = estimate(large);
  for (const coding of ["gzip", "br"] as const) {
    const encoded = { ...large, encoding: { coding, before: "", after: "" } };
    assertGreater(estimate(encoded), predictedMs);
    for (let i = 0; i < 50; i++) estimate.learn(encoded, predictedMs);
  }
  assertEquals(estimate(large), predictedMs);
});
