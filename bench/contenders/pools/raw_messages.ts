import type { Open } from "../pool.ts";
import type { Message } from "./raw_worker.ts";
import { startWorkers } from "./workers.ts";

/** One message there, one back, and nothing else: no errors, no queue, no cancelling. */
export const open: Open = async (size) => {
  const workers = await startWorkers("./raw_worker.ts", size);
  const pending = new Map<number, (value: unknown) => void>();
  for (const worker of workers) {
    worker.addEventListener("message", ({ data: [id, value] }) => {
      pending.get(id)!(value);
      pending.delete(id);
    });
  }
  let next = 0;
  return {
    call: (method, argument, move) =>
      new Promise((resolve) => {
        const id = next++;
        pending.set(id, resolve);
        const message: Message = [id, method, argument];
        if (move) workers[id % size].postMessage(message, move);
        else workers[id % size].postMessage(message);
      }),
  };
};
