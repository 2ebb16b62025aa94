import type { Case } from "./case.ts";
import { poolTrial } from "./pool_trial.ts";

export const breakEven: Case = {
  title: "From when on a pool is worth it",
  what:
    "The run time of a call from which a pool answers more of them a second than the event loop does by itself, on this " +
    "machine; what a call takes of the event loop's own thread, which is the same with as many cores as anybody likes; " +
    "and how many cores one event loop can keep busy with calls of 0.1, 1 and 10 ms.",
  notes: [
    "Shorter calls than the first figure are better made without a pool, if nothing but throughput counts: for as " +
    "long as they run, the event loop does nothing else.",
    "For the last three the workers sleep, as this machine has two cores: 16, 64 and 256 of them. Waking a thread that " +
    "sleeps costs the same as on a machine that has the cores.",
  ],
  metrics: [
    { key: "breakEvenUs", label: "break-even here, µs", better: "lower" },
    { key: "mainUs", label: "event loop's thread, µs a call", better: "lower" },
    { key: "cores100Us", label: "cores fed, 0.1 ms", better: "higher" },
    { key: "cores1Ms", label: "1 ms", better: "higher" },
    { key: "cores10Ms", label: "10 ms", better: "higher" },
  ],
  contenders: [
    "ours-pool",
    "ours-impure",
    "comlink",
    "queue-2",
    "poolifier",
    "piscina",
    "piscina-4",
    "tinypool",
    "workerpool",
    "raw",
  ],
  rounds: { quick: 0, all: 5 },
  trial: (_, contender, { size }) => poolTrial("trials/break_even.mjs", contender, size),
};
