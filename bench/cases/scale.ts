import { output } from "../runner/process.ts";
import type { Case } from "./case.ts";

/** Runs the contender's own program. */
const trial: Case["trial"] = async (_, { program }) => JSON.parse(await output(program!));

export const scale: Case = {
  title: "What grows with the number of workers",
  what:
    "Processor time of the pool's own thread for a trivial call, 64 in flight, and for a snapshot by `stats()`; the time " +
    "until all workers are ready, and from `close()` until none is left. The workers have nothing to do.",
  notes: ["Workers are started 20 ms apart, as starting one blocks the thread for about 13."],
  metrics: [
    { key: "callUs", label: "call, µs", better: "lower" },
    { key: "statsUs", label: "`stats()`, µs", better: "lower" },
    { key: "startMs", label: "start, ms", better: "lower" },
    { key: "closeMs", label: "close, ms", better: "lower" },
  ],
  contenders: ["workers-2", "workers-16", "workers-64", "workers-256"],
  rounds: { quick: 0, all: 3 },
  trial,
};

export const depth: Case = {
  title: "What grows with the number of waiting calls",
  what:
    "Processor time of the pool's own thread, by call, while so many wait behind one worker: to make one with a signal " +
    "and a deadline, to abort it while it waits, and to have its deadline pass. Deadlines are 0.2 ms apart.",
  notes: ["Few waiting calls share a timer or a turn of the event loop with fewer others."],
  metrics: [
    { key: "enqueueUs", label: "made, µs", better: "lower" },
    { key: "cancelUs", label: "aborted, µs", better: "lower" },
    { key: "expireUs", label: "expired, µs", better: "lower" },
  ],
  contenders: ["depth-10", "depth-100", "depth-1000", "depth-10000"],
  rounds: { quick: 0, all: 3 },
  trial,
};
