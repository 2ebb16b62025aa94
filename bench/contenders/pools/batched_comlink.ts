import * as Comlink from "comlink";
import type { Open } from "../pool.ts";
import type { Call, Run } from "./batched_comlink_worker.ts";
import { startWorkers } from "./workers.ts";

const BATCH = 64;

/**
 * Comlink with up to 64 calls a message: whatever is called in one turn of the event loop goes to the next
 * worker, and comes back, together. No pool could offer it: all wait for the slowest of them, and an error
 * would be everybody's. What is left of dispatch is Comlink's cost of a message, shared.
 */
export const open: Open = async (size) => {
  const workers = await startWorkers("./batched_comlink_worker.ts", size);
  const remotes = workers.map((worker) => Comlink.wrap<Run>(worker));
  let next = 0;
  let calls: Call[] = [];
  let resolvers: ((value: unknown) => void)[] = [];

  async function flush() {
    if (calls.length === 0) return;
    const mine = resolvers;
    const answers = remotes[next++ % size](calls);
    calls = [];
    resolvers = [];
    (await answers).forEach((value, i) => mine[i](value));
  }

  return {
    call: (...call) =>
      new Promise((resolve) => {
        if (calls.push([call[0], call[1]]) === 1) queueMicrotask(flush);
        if (resolvers.push(resolve) === BATCH) flush();
      }),
  };
};
