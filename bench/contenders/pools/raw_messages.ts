import type { Open } from "../pool.ts";
import type { Message } from "./raw_worker.ts";
import { startWorkers } from "./workers.ts";

/** One message there, one back, and nothing else: no errors, no queue, no cancelling. */
export const open: Open = async (size) => {
  const workers = await startWorkers("./raw_worker.ts", size);
  const pending = new Map<number, (value: number) => void>();
  for (const worker of workers) {
    worker.addEventListener("message", ({ data: [id, value] }) => {
      pending.get(id)!(value);
      pending.delete(id);
    });
  }
  let next = 0;
  const call = (method: Message[1], n: number) =>
    new Promise<number>((resolve) => {
      const id = next++;
      pending.set(id, resolve);
      workers[id % size].postMessage([id, method, n] satisfies Message);
    });
  return { increment: (n) => call("increment", n), fibonacci: (n) => call("fibonacci", n) };
};
