import type { ContenderId } from "../contenders/mod.ts";
import type { Case, Metric } from "./case.ts";
import { poolTrial } from "./pool_trial.ts";

const CONTENDERS: readonly ContenderId[] = [
  "ours-pool",
  "ours-impure",
  "comlink",
  "poolifier",
  "piscina",
  "piscina-4",
  "tinypool",
  "workerpool",
  "raw",
];

const KINDS: readonly (readonly [key: string, label: string])[] = [
  ["increment", "`n + 1`"],
  ["object", "1 kB object"],
  ["copiedIn", "64 kB, copied"],
  ["movedIn", "64 kB, moved"],
  ["copiedOut", "1 MB result, copied"],
  ["movedOut", "1 MB result, moved"],
];

const metrics: readonly Metric[] = KINDS.map(([key, label]) => ({
  key,
  label,
  better: "higher",
  target: { against: "comlink", atLeast: 1 },
}));

function payloads(inFlight: number): Case {
  return {
    title: `What calls carry, ${inFlight} in flight`,
    what:
      `Calls a second with ${inFlight} of them in flight, without HTTP: a number there and back; an object of 1 kB there ` +
      "and back; 64 kB there, copied or moved; a result of 1 MB, copied or moved.",
    notes: [
      "Whatever is moved is made anew for each call, by whoever sends it.",
      "poolifier knows no way to move a result: it copies it.",
    ],
    metrics,
    contenders: CONTENDERS,
    rounds: { quick: 0, all: 5 },
    trial: (_, contender, { size }) =>
      poolTrial("trials/payloads.mjs", contender, size, `${inFlight}`),
  };
}

export const payloads8: Case = payloads(8);
export const payloads64: Case = payloads(64);
