import { fibonacciApi } from "../../lib/compute/api.ts";
import { type Estimator, type FibonacciApi, over } from "../../lib/compute/mod.ts";
import { cached } from "../../lib/pool/cached.ts";
import { inline } from "../../lib/pool/inline.ts";
import { type Backend, WorkerPool } from "../../lib/pool/mod.ts";
import { checkpoint } from "../../lib/pool/worker.ts";
import { testWith } from "../permissions.ts";
import { FakeWorker } from "../pool/fake_worker.ts";
import { computeContract, type Subject } from "./contract.ts";

const WORKER = new URL("../../worker.ts", import.meta.url);
const readsWorker = { name: "read", path: new URL("../../", import.meta.url) } as const;

const onThisThread = () => inline(fibonacciApi);

function inPool(spawn: () => Worker): Backend<FibonacciApi> {
  return new WorkerPool<FibonacciApi>({ spawn, size: 2 });
}

const inFakes = () => inPool(() => new FakeWorker({ ...fibonacciApi(checkpoint) }));

function remembering(inner: Backend<FibonacciApi>): Backend<FibonacciApi> {
  return cached(inner, { maxBytes: 1_000_000 });
}

/** A fresh Compute over a fresh backend, which is closed after its test. */
const subject = (make: () => Backend<FibonacciApi>) => (estimate: Estimator): Subject => {
  const backend = make();
  return {
    compute: over(backend, estimate),
    async [Symbol.asyncDispose]() {
      await backend.close({ graceMs: 0 });
    },
  };
};

computeContract("over() inline()", subject(onThisThread));
computeContract("over() a pool", subject(inFakes));
computeContract("over() cached() inline()", subject(() => remembering(onThisThread())));
computeContract("over() a cached() pool", subject(() => remembering(inFakes())));
computeContract(
  "over() real workers",
  subject(() =>
    inPool(() => new Worker(WORKER, { type: "module", deno: { permissions: "none" } }))
  ),
  (name, run) => testWith([readsWorker], name, run),
);
