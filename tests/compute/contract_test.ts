import { cached } from "../../lib/compute/cached.ts";
import {
  type Compute,
  type Estimator,
  type FibonacciApi,
  inline,
  pooled,
} from "../../lib/compute/mod.ts";
import { calibrate, fibonacci } from "../../lib/fibonacci/mod.ts";
import { WorkerPool } from "../../lib/pool/mod.ts";
import { checkpoint, transfer } from "../../lib/pool/worker.ts";
import { testWith } from "../permissions.ts";
import { FakeWorker } from "../pool/fake_worker.ts";
import { computeContract, type Subject } from "./contract.ts";

const WORKER = new URL("../../worker.ts", import.meta.url);
const readsWorker = { name: "read", path: new URL("../../", import.meta.url) } as const;

/** As `worker.ts` has it. */
const api: FibonacciApi = {
  fibonacci(n, algorithm) {
    const digits = fibonacci(n, algorithm, checkpoint);
    return transfer(digits, [digits.buffer]);
  },
  calibrate,
};

function onThisThread(compute: Compute): Subject {
  return { compute, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function inPool(spawn: () => Worker, estimate: Estimator): Subject {
  const pool = new WorkerPool<FibonacciApi>({ spawn, size: 2 });
  return {
    compute: pooled(pool, estimate),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function withCache(subject: Subject): Subject {
  return { ...subject, compute: cached(subject.compute, { maxBytes: 1_000_000 }) };
}

const inFakes = (estimate: Estimator) => inPool(() => new FakeWorker({ ...api }), estimate);

computeContract("inline()", (estimate) => onThisThread(inline(estimate)));
computeContract("pooled()", inFakes);
computeContract("cached() over inline()", (estimate) => withCache(onThisThread(inline(estimate))));
computeContract("cached() over pooled()", (estimate) => withCache(inFakes(estimate)));
computeContract(
  "pooled() over real workers",
  (estimate) =>
    inPool(
      () => new Worker(WORKER, { type: "module", deno: { permissions: "none" } }),
      estimate,
    ),
  (name, run) => testWith([readsWorker], name, run),
);
