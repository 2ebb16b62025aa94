import type { Case } from "./case.ts";
import { poolTrial } from "./pool_trial.ts";

export const dispatch: Case = {
  title: "Dispatch of a trivial call",
  what:
    "From a call of `n + 1` to its answer, without HTTP. Calls a second with 64 of them in flight, " +
    "each made as soon as the one before it has answered; microseconds a call with one in flight.",
  notes: [
    "Calls declared pure may be answered several in one message. The service's own call is pure. No peer " +
    "can be told; the second line is this pool without it.",
    "On Deno and Node the same loop runs, but the engines and their ways to pass messages differ: " +
    "bare Comlink and poolifier are what is comparable most closely.",
    "Polled workers answer a lone call soonest: their event loop never sleeps, and takes a whole core for " +
    "it as long as a call is out.",
    "By default piscina and tinypool give a worker its next call when it has answered the last, so that a " +
    "call can still be taken back. This pool sends several and takes them back through shared memory.",
  ],
  metrics: [
    {
      key: "callsPerSecond",
      label: "calls/s, 64 in flight",
      better: "higher",
      target: { against: "peers", atLeast: 1 },
    },
    {
      key: "aloneUs",
      label: "µs a call, 1 in flight",
      better: "lower",
      target: { against: "peers", atMost: 1 },
    },
  ],
  contenders: [
    "ours-pool",
    "ours-impure",
    "comlink",
    "poolifier",
    "piscina",
    "piscina-4",
    "tinypool",
    "workerpool",
    "polled",
    "raw",
    "comlink-64",
  ],
  rounds: { quick: 2, all: 7 },
  trial: (_, contender, { size }) => poolTrial("trials/dispatch.mjs", contender, size),
};
