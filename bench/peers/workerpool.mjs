import { fileURLToPath } from "node:url";
// @ts-ignore: installed by the run, and for Node alone
import workerpool from "workerpool";

const script = fileURLToPath(new URL("./workerpool_worker.mjs", import.meta.url));

/** workerpool with its default options, on threads. */
export async function open(size) {
  const pool = workerpool.pool(script, {
    workerType: "thread",
    minWorkers: size,
    maxWorkers: size,
  });
  const call = (method, argument, move) =>
    pool.exec(method, [argument], move && { transfer: move });
  await Promise.all(Array.from({ length: size }, (_, n) => call("increment", n)));
  return { call };
}
