/**
 * What it costs to get a trivial call to a worker and back, without HTTP: this pool beside bare Comlink
 * round-robin and raw messages, over the same number of workers, with 1 call in flight and with 64. A pool that
 * is told that calls are pure may answer several in one message; the others can't be told.
 *
 * Timed are 64 calls, one after the other or all at once.
 *
 * @module
 */

import * as Comlink from "comlink";
import { WorkerPool } from "../lib/pool/mod.ts";

const SIZE = navigator.hardwareConcurrency;

function spawn(name: string): Worker {
  return new Worker(new URL(`./fixtures/${name}.ts`, import.meta.url), { type: "module" });
}

/** A way to call `increment` in one of the workers. */
type Increment = (n: number) => Promise<number>;

async function ready(worker: Worker): Promise<Worker> {
  await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
  return worker;
}

function workers(name: string): Promise<Worker[]> {
  return Promise.all(Array.from({ length: SIZE }, () => ready(spawn(name))));
}

async function comlink(): Promise<Increment> {
  const remotes = (await workers("bare_comlink")).map((worker) =>
    Comlink.wrap<{ increment(n: number): number }>(worker)
  );
  let next = 0;
  return (n) => remotes[next++ % SIZE].increment(n);
}

async function raw(): Promise<Increment> {
  const targets = await workers("raw_messages");
  const pending = new Map<number, (n: number) => void>();
  for (const worker of targets) {
    worker.addEventListener("message", ({ data: { id, n } }) => {
      pending.get(id)!(n);
      pending.delete(id);
    });
  }
  let next = 0;
  return (n) =>
    new Promise((resolve) => {
      const id = next++;
      pending.set(id, resolve);
      targets[id % SIZE].postMessage({ id, n });
    });
}

async function pool(pure: boolean): Promise<Increment> {
  const pool = new WorkerPool<{ increment(n: number): number }>({ spawn: () => spawn("pooled") });
  await pool.ready;
  return (n) => pool.call("increment", [n], { pure });
}

const contenders = {
  "bare Comlink": await comlink(),
  "raw messages": await raw(),
  "pool": await pool(false),
  "pool, pure calls": await pool(true),
};
const CALLS = 64;

for (const [name, increment] of Object.entries(contenders)) {
  const baseline = name === "bare Comlink";
  Deno.bench({
    name,
    baseline,
    group: "1 in flight",
    async fn() {
      for (let n = 0; n < CALLS; n++) await increment(n);
    },
  });
  Deno.bench({
    name,
    baseline,
    group: "64 in flight",
    async fn() {
      await Promise.all(Array.from({ length: CALLS }, (_, n) => increment(n)));
    },
  });
}
