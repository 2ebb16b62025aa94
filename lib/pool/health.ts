import type { Health } from "./backend.ts";
import type { PoolHealth } from "./stats.ts";

/** Turns the state of a pool into what a supervisor wants to know. */
export function healthOf({ state, serving, loadFailure }: Omit<PoolHealth, keyof Health>): Health {
  const healthy = state !== "failing" && state !== "closed";
  if (state !== "open") return { ready: false, healthy, reason: `The worker pool is ${state}` };
  if (serving > 0) return { ready: true, healthy };
  const why = loadFailure === null ? "" : `: ${loadFailure}`;
  return { ready: false, healthy, reason: `No worker can take calls${why}` };
}
