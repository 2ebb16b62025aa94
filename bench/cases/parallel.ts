import type { Case } from "./case.ts";
import { poolTrial } from "./pool_trial.ts";

export const parallel: Case = {
  title: "All cores",
  what:
    "Naive F(32), some 20 ms of work, two calls in flight a worker: the rate through the pool over the " +
    "rate of one thread times the number of workers. 1 would be no loss at all.",
  notes: [
    "Each is measured against its own runtime's single thread, in the same process, so that engines are " +
    "not what is compared. What shows is the pool's idle time, and what a machine's cores lose when all " +
    "are busy.",
  ],
  metrics: [
    {
      key: "efficiency",
      label: "share of all cores",
      better: "higher",
      target: { atLeast: 0.88 },
    },
    { key: "callsPerSecond", label: "calls/s", better: "higher" },
  ],
  contenders: ["ours-pool", "comlink", "poolifier", "piscina", "tinypool", "workerpool", "raw"],
  rounds: { quick: 0, all: 5 },
  trial: (_, contender, { size }) => poolTrial("trials/parallel.mjs", contender, size),
};
