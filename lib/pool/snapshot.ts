import type { Health } from "./backend.ts";
import type { Meter } from "./meter.ts";
import type { Dispatcher } from "./queueing/dispatcher.ts";
import type { PoolHealth, PoolStats } from "./stats.ts";
import type { Supervisor } from "./workers/supervisor.ts";

/** Returns what a supervisor of the process wants to know. Costs the same with many workers as with few. */
export function healthOf(supervisor: Supervisor, phase: PoolHealth["state"]): PoolHealth {
  const { isFailing, loadFailure, roster: { usable, serving } } = supervisor;
  const state = phase === "open" && isFailing ? "failing" : phase;
  return { state, loadFailure, usable, serving, ...judged(state, serving, loadFailure) };
}

function judged(
  state: PoolHealth["state"],
  serving: number,
  loadFailure: string | null,
): Health {
  const healthy = state !== "failing" && state !== "closed";
  if (state !== "open") return { ready: false, healthy, reason: `The worker pool is ${state}` };
  if (serving > 0) return { ready: true, healthy };
  const why = loadFailure === null ? "" : `: ${loadFailure}`;
  return { ready: false, healthy, reason: `No worker can take calls${why}` };
}

/** Takes a snapshot of a pool: of each slot, and of all that was counted and timed. */
export function statsOf({ supervisor, admission, phase }: Dispatcher, meter: Meter): PoolStats {
  const { state, loadFailure } = healthOf(supervisor, phase);
  const slots = supervisor.slots.map((slot) => slot.stats());
  const { length, long, max, predictedWaitMs } = admission;
  const { totals, ...times } = meter.snapshot();
  const restarts = slots.reduce((sum, slot) => sum + slot.restarts, 0);
  return {
    size: slots.length,
    state,
    loadFailure,
    slots,
    queue: { length, long, max, predictedWaitMs },
    totals: { ...totals, restarts, wedged: supervisor.wedged },
    ...times,
  };
}
