import type { FibonacciApi } from "../../compute/mod.ts";
import { naive } from "../../fibonacci/algorithms/naive.ts";
import type { WorkerPool } from "../../pool/worker_pool.ts";

/** What came of a run. */
export interface Outcome {
  /** From the click to the last answer, in milliseconds. */
  readonly tookMs: number;
  /** How often it was asked whether an answer is there. */
  readonly polls?: number;
}

/** What is to be computed, and where. */
export interface Task {
  readonly n: number;
  /** How many times. */
  readonly calls: number;
  /** Where it is not this thread. */
  readonly pool: WorkerPool<FibonacciApi>;
  readonly signal: AbortSignal;
  /** Told now and then how often it was asked whether an answer is there. */
  readonly onPolls: (polls: number) => void;
}

/** Not each time: to show it takes longer than to ask. */
const TELL_EVERY = 500;

/** Runs a task in one of the ways. Rejects with the signal's reason. */
export type Way = (task: Task) => Promise<Outcome>;

/** On this thread: whatever else the page has to do waits until all is done. It can't even be cancelled. */
export const onThread: Way = ({ n, calls }) => {
  const startedAt = performance.now();
  for (let i = 0; i < calls; i++) naive.compute(n, () => {});
  return Promise.resolve({ tookMs: performance.now() - startedAt });
};

/**
 * The post's wrong way: workers compute, and a coroutine asks in a loop whether they are done. Between two
 * questions it lets others have their turn, so the page lives; but the thread never rests.
 */
export const polled: Way = async ({ n, calls, pool, signal, onPolls }) => {
  const startedAt = performance.now();
  let left = calls;
  let failure: { readonly reason: unknown } | undefined;
  for (let i = 0; i < calls; i++) {
    pool.call("fibonacci", [n, "naive"], { signal }).then(
      () => left--,
      (reason) => failure ??= { reason },
    );
  }
  let polls = 0;
  while (left > 0) {
    if (failure) throw failure.reason;
    if (++polls % TELL_EVERY === 0) onPolls(polls);
    await nextTurn();
  }
  return { tookMs: performance.now() - startedAt, polls };
};

/** The pool, awaited: this thread is told when there is something to do. */
export const awaited: Way = async ({ n, calls, pool, signal }) => {
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: calls }, () => pool.call("fibonacci", [n, "naive"], { signal })),
  );
  return { tookMs: performance.now() - startedAt };
};

/** Not `setTimeout`, which browsers slow down to 4 ms: then the thread would rest after all. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
