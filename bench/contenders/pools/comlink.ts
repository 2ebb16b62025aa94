import * as Comlink from "comlink";
import type { Open } from "../pool.ts";
import type { Api } from "./comlink_worker.ts";
import { startWorkers } from "./workers.ts";

/** Bare Comlink: the next worker of a fixed array, whatever it is doing. */
export const open: Open = async (size) => {
  const workers = await startWorkers("./comlink_worker.ts", size);
  // Each method taken once: a proxy makes another proxy each time a property is read.
  const remotes = workers.map((worker) => {
    const { increment, fibonacci } = Comlink.wrap<Api>(worker);
    return { increment, fibonacci };
  });
  let next = 0;
  return {
    increment: (n) => remotes[next++ % size].increment(n),
    fibonacci: (n) => remotes[next++ % size].fibonacci(n),
  };
};
