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
  const calls = {
    increment: (n) => pool.exec("increment", [n]),
    fibonacci: (n) => pool.exec("fibonacci", [n]),
  };
  await Promise.all(Array.from({ length: size }, (_, n) => calls.increment(n)));
  return calls;
}
