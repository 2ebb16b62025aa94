import * as Comlink from "comlink";
import type { Method, Open } from "../pool.ts";
import { remotes } from "./comlink.ts";

type Call = [method: Method, argument: unknown, resolve: (value: unknown) => void];

/**
 * A plain queue over Comlink: so many calls at a time to each worker, the others wait. What anybody would write who
 * has seen a slow call hold up those behind it: no deadline, no cancelling, no crash, no bound.
 */
export const open: Open<{ window: number }> = async (size, { window }) => {
  const workers = (await remotes(size)).map((remote) => ({ remote, sent: 0 }));
  const waiting: Call[] = [];
  let next = 0;

  function dispatch() {
    while (waiting.length > 0) {
      // The next that has room: one that is idle, if there is one.
      const order = workers.map((_, i) => workers[(next + i) % size]);
      const worker = order.find(({ sent }) => sent === 0) ??
        order.find(({ sent }) => sent < window);
      if (!worker) return;
      next = workers.indexOf(worker) + 1;
      const [method, argument, resolve] = waiting.shift()!;
      worker.sent++;
      worker.remote[method](argument).then((value) => {
        worker.sent--;
        resolve(value);
        dispatch();
      });
    }
  }

  return {
    call: (method, argument, move) =>
      new Promise((resolve) => {
        waiting.push([
          method,
          move ? Comlink.transfer(argument as object, move) : argument,
          resolve,
        ]);
        dispatch();
      }),
  };
};
