import {
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { type Estimator, estimator } from "../../lib/compute/mod.ts";
import { Problem, requireFeasible } from "../../lib/hono/problem.ts";
import { FakeClock } from "../pool/fake_clock.ts";
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
  const error = assertThrows(() => requireFeasible(10.5, 10), Problem);
  assertEquals(error.message, "It would take about 11 milliseconds; the limit is 10 milliseconds");
  assertEquals([error.status, error.code], [422, "infeasible"]);
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

Deno.test("estimator() expects more of what was stopped too late, and of what is larger, for a while", () => {
  const clock = new FakeClock();
  const estimate = estimator(clock);
  const naive = (n: number) => ({ n, algorithm: "naive" } as const);
  const [smallMs, predictedMs, largeMs] = [30, 47, 48].map((n) => estimate(naive(n)));
  estimate.overran(naive(47), predictedMs / 2);
  assertEquals(estimate(naive(47)), predictedMs);
  estimate.overran(naive(47), predictedMs * 1.5);
  assertAlmostEquals(estimate(naive(47)), predictedMs * 1.5);
  assertAlmostEquals(estimate(naive(48)), largeMs * 1.5);
  assertEquals(estimate(naive(30)), smallMs);
  // It may have been the machine.
  estimate.overran(naive(47), predictedMs * 10);
  assertAlmostEquals(estimate(naive(47)), predictedMs * 2);
  // A fast run of another tells nothing of this one.
  estimate.learn(naive(30), smallMs);
  assertAlmostEquals(estimate(naive(47)), predictedMs * 2);
  clock.advance(300_000);
  assertEquals(estimate(naive(47)), predictedMs);
});

Deno.test("estimator() learns nothing from an overrun that may be a hiccup, or is nobody's", () => {
  const estimate = estimator();
  const predictedMs = estimate(job);
  estimate.overran(job, 999);
  estimate.overran(undefined, 5_000);
  assertEquals(estimate(job), predictedMs);
});

Deno.test("estimator() counts compressing, and learns nothing from it", () => {
  const estimate = estimator();
  const large = { n: 10_000_000, algorithm: "fast-doubling" } as const;
  const predictedMs = estimate(large);
  for (const coding of ["gzip", "br"] as const) {
    const encoded = { ...large, coding };
    assertGreater(estimate(encoded), predictedMs);
    for (let i = 0; i < 50; i++) estimate.learn(encoded, predictedMs);
  }
  assertEquals(estimate(large), predictedMs);
});
