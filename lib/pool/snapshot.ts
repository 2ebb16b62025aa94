import type { Health } from "./backend.ts";
import type { Meter } from "./meter.ts";
import type { Dispatcher } from "./queueing/dispatcher.ts";
import type { Mailbox } from "./sending/mailbox.ts";
import type { PoolHealth, PoolStats, SlotStats } from "./stats.ts";
import type { Slot } from "./workers/slot.ts";

/** Returns the state of a pool. Costs the same with many workers as with few. */
export function poolHealth({ supervisor, phase }: Dispatcher): PoolHealth {
  const { isFailing, loadFailure, roster: { usable, serving } } = supervisor;
  const state = phase === "open" && isFailing ? "failing" : phase;
  const known = { state, loadFailure, usable, serving } as const;
  return { ...known, ...healthOf(known) };
}

/** Turns the state of a pool into what a supervisor of the process wants to know. */
export function healthOf({ state, serving, loadFailure }: Omit<PoolHealth, keyof Health>): Health {
  const healthy = state !== "failing" && state !== "closed";
  if (state !== "open") return { ready: false, healthy, reason: `The worker pool is ${state}` };
  if (serving > 0) return { ready: true, healthy };
  const why = loadFailure === null ? "" : `: ${loadFailure}`;
  return { ready: false, healthy, reason: `No worker can take calls${why}` };
}

/** Takes a snapshot of a slot, in which so many workers were started. */
export function slotStats(
  { index, state, done, failed }: Slot,
  mailbox: Mailbox | undefined,
  starts: number,
  now: number,
): SlotStats {
  const restarts = Math.max(0, starts - 1);
  const common = { slot: index, state, inFlight: mailbox?.size ?? 0, done, failed, restarts };
  const head = mailbox?.head;
  if (!head || head.withdrawn) return { ...common, job: null };
  const { job: { id, method, options: { tag } }, startedAt } = head;
  return { ...common, job: { id, method, tag, runningMs: now - startedAt } };
}

/** Takes a snapshot of a pool: of each slot, and of all that was counted and timed. */
export function poolStats(dispatcher: Dispatcher, meter: Meter): PoolStats {
  const { supervisor, admission } = dispatcher;
  const { state, loadFailure } = poolHealth(dispatcher);
  const slots = supervisor.slots.map((slot) => slot.stats());
  const { lanes: { length, long }, max, predictedWaitMs } = admission;
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
