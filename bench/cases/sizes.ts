import type { Case } from "./case.ts";
import { poolTrial } from "./pool_trial.ts";

export const sizes: Case = {
  title: "Work that is worth sending away",
  what:
    "Naive F(21), F(26) and F(30), some 60 µs, 0.7 and 4 ms of work: calls a second with 64 of them in flight, without " +
    "HTTP.",
  notes: [
    "A plain queue in 25 lines is what a pool has to be compared with: whatever a pool does beyond it must pay " +
    "elsewhere.",
  ],
  metrics: [
    { key: "21", label: "60 µs", better: "higher", target: { against: "peers", atLeast: 1 } },
    { key: "26", label: "0.7 ms", better: "higher", target: { against: "peers", atLeast: 1 } },
    { key: "30", label: "4 ms", better: "higher", target: { against: "peers", atLeast: 1 } },
  ],
  contenders: [
    "ours-pool",
    "ours-impure",
    "comlink",
    "queue-1",
    "queue-2",
    "queue-4",
    "poolifier",
    "piscina",
    "piscina-4",
    "tinypool",
    "workerpool",
    "raw",
  ],
  rounds: { quick: 1, all: 5 },
  trial: (_, contender, { size }) => poolTrial("trials/sizes.mjs", contender, size),
};
