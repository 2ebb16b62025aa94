import { cached } from "../../lib/pool/cached.ts";
import { inline } from "../../lib/pool/inline.ts";
import { type Backend, WorkerPool } from "../../lib/pool/mod.ts";
import { testWith } from "../permissions.ts";
import {
  backendContract,
  type ContractApi,
  contractApi,
  PURE,
  type Register,
} from "./backend_contract.ts";
import { FakeWorker } from "./fake_worker.ts";

const WORKER = new URL("../fixtures/contract_worker.ts", import.meta.url);
const readsWorker = { name: "read", path: new URL("../../", import.meta.url) } as const;
const needsWorker: Register = (name, run) => testWith([readsWorker], name, run);

const onThisThread = () => inline(contractApi());

function inPool(spawn: () => Worker): Backend<ContractApi> {
  return new WorkerPool<ContractApi>({ spawn, size: 2, cancelGraceMs: 100 });
}

const inFakes = () => inPool(() => new FakeWorker({ ...contractApi() }));
const inWorkers = () =>
  inPool(() => new Worker(WORKER, { type: "module", deno: { permissions: "none" } }));

async function remembering(inner: Backend<ContractApi>): Promise<Backend<ContractApi>> {
  const backend = cached(inner, { maxBytes: 1e6, pure: PURE });
  await backend.load();
  return backend;
}

backendContract("inline()", onThisThread);
backendContract("WorkerPool over fakes", inFakes);
backendContract("WorkerPool", inWorkers, needsWorker);
backendContract("cached() over inline()", () => remembering(onThisThread()));
backendContract("cached() over WorkerPool over fakes", () => remembering(inFakes()));
backendContract("cached() over WorkerPool", () => remembering(inWorkers()), needsWorker);
