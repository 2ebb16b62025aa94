import * as Comlink from "comlink";
import type { Method, Open } from "../pool.ts";
import type { Api } from "./comlink_worker.ts";
import { startWorkers } from "./workers.ts";

/** One worker's methods, each taken once: a proxy makes and registers another whenever a property is read. */
export type Remote = Readonly<Record<Method, (argument: unknown) => Promise<unknown>>>;

/** Starts workers of `comlink_worker.ts`. */
export async function remotes(size: number): Promise<Remote[]> {
  const workers = await startWorkers("./comlink_worker.ts", size);
  return workers.map((worker) => {
    const { increment, fibonacci, echo, measure, copy, give, spin, sleep } = Comlink.wrap<Api>(
      worker,
    );
    return { increment, fibonacci, echo, measure, copy, give, spin, sleep } as Remote;
  });
}

/** Bare Comlink: the next worker of a fixed array, whatever it is doing. */
export const open: Open = async (size) => {
  const workers = await remotes(size);
  let next = 0;
  return {
    call: (method, argument, move) =>
      workers[next++ % size][method](move ? Comlink.transfer(argument as object, move) : argument),
  };
};
