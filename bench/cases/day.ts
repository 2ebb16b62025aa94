import type { Case } from "./case.ts";
import { poolTrial } from "./pool_trial.ts";

/** Each contender gets the calls of the same day, and another day each time it is asked. */
const asked = new Map<string, number>();

export const day: Case = {
  title: "An ordinary day",
  what:
    "Calls come at random, whether or not earlier ones are answered, and keep the workers busy for 60 % of the time. " +
    "Nine of ten take 2 ms, one takes 60. How long the small ones take, from the moment at which they should have been " +
    "made. Without HTTP.",
  notes: [
    "Round-robin without looking sends a call to a busy worker while another is idle. That does not show in any " +
    "benchmark whose calls are all alike.",
    "In each round all contenders get the same calls at the same moments.",
    "The workers keep a core busy while they work; the machine has one for each, and the event loop needs some of it.",
  ],
  metrics: [
    {
      key: "p99Ms",
      label: "2 ms calls, p99, ms",
      better: "lower",
      target: { against: "comlink", atMost: 0.5 },
    },
    { key: "p50Ms", label: "p50, ms", better: "lower" },
    { key: "longP50Ms", label: "60 ms calls, p50, ms", better: "lower" },
  ],
  contenders: [
    "ours-pool",
    "ours-estimated",
    "comlink",
    "queue-1",
    "queue-4",
    "poolifier",
    "piscina",
    "piscina-4",
    "tinypool",
    "workerpool",
    "raw",
  ],
  rounds: { quick: 1, all: 5 },
  trial(id, contender, { size, quick }) {
    const seed = (asked.get(id) ?? 0) + 1;
    asked.set(id, seed);
    return poolTrial("trials/day.mjs", contender, size, quick ? "5" : "15", `${seed}`);
  },
};
