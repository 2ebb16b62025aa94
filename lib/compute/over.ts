import { requireFeasible } from "../hono/problem.ts";
import type { Backend, BackendCallOptions, Timing } from "../pool/mod.ts";
import type { FibonacciApi } from "./api.ts";
import type { Compute, ComputeOptions, Digits, FibonacciJob, FibonacciResult } from "./compute.ts";
import type { Estimator } from "./estimator.ts";

/** Answers by a backend. What it computes is pure: it may be remembered, and tried once more if its worker dies. */
export function over(backend: Backend<FibonacciApi>, estimate: Estimator): Compute {
  function find(job: FibonacciJob): FibonacciResult | undefined {
    const found = backend.find?.("fibonacci", argsOf(job));
    return found && resultOf(job, found.value, HIT);
  }

  const joins = (job: FibonacciJob, { fresh }: ComputeOptions) =>
    !fresh && backend.joins?.("fibonacci", argsOf(job)) === true;

  const compute: Compute = async (job, options = {}) => {
    const found = options.fresh ? undefined : find(job);
    if (found) return found;
    options.signal?.throwIfAborted();
    const estimateMs = estimate(job);
    if (!joins(job, options)) requireFeasible(estimateMs, options.deadlineMs);
    let timing: Timing | undefined;
    const digits = await backend.call("fibonacci", argsOf(job), {
      ...boundsOf(backend, estimateMs, options),
      signal: options.signal,
      fresh: options.fresh,
      tag: job,
      onTiming: (told) => timing = told,
    });
    const result = resultOf(job, digits, timing!);
    if (result.cache !== "hit" && result.cache !== "shared") estimate.learn(job, timing!.runMs);
    return result;
  };
  return Object.assign(compute, {
    find,
    refusal: (job: FibonacciJob, options: ComputeOptions = {}) =>
      backend.isBusy && !joins(job, options)
        ? backend.refusal?.("fibonacci", argsOf(job), boundsOf(backend, estimate(job), options))
        : undefined,
  });
}

const HIT: Timing = { waitMs: 0, runMs: 0, transferMs: 0, cache: "hit" };

function argsOf({ n, algorithm, encoding }: FibonacciJob): Parameters<FibonacciApi["fibonacci"]> {
  // Values, not an object: that could not share a message with other calls.
  return encoding
    ? [n, algorithm, encoding.coding, encoding.before, encoding.after]
    : [n, algorithm];
}

function resultOf(job: FibonacciJob, digits: Digits, timing: Timing): FibonacciResult {
  const { waitMs: queueMs, runMs: computeMs, transferMs, slot: worker, cache = "off" } = timing;
  const coding = job.encoding?.coding;
  return worker === undefined
    ? { digits, coding, cache, queueMs, computeMs }
    : { digits, coding, cache, queueMs, computeMs, transferMs, worker };
}

function boundsOf(
  { isBusy }: Backend<FibonacciApi>,
  estimateMs: number,
  options: ComputeOptions,
): BackendCallOptions {
  const { deadlineMs } = options;
  // There is none for nonsense, and what is wrong with it is the function's to say.
  const known = Number.isNaN(estimateMs) ? undefined : estimateMs;
  return {
    pure: true,
    deadlineMs,
    // What starts later can't be done in time.
    maxWaitMs: deadlineMs && Math.max(0, deadlineMs - (known ?? 0)),
    estimateMs: known,
    // To find out whose call it is takes 5 µs. Where nobody waits there are no turns to take.
    group: isBusy ? options.group : undefined,
  };
}
