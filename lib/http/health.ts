/**
 * What a supervisor asks: shall I restart you, shall I send you calls?
 *
 * @module
 */

import type { ComputeStats, SlotState } from "../compute/mod.ts";
import { drainingProblem, Problem } from "./problem.ts";

const TAKES_CALLS: ReadonlySet<SlotState> = new Set(["idle", "busy", "cancelling"]);

/** @throws {Problem} 503, if only a restart will help. */
export function requireHealthy({ pool }: ComputeStats): void {
  if (pool?.state === "failing" || pool?.state === "closed") {
    throw new Problem(503, "failing", `The worker pool is ${pool.state}`);
  }
}

/** Where files are is nobody's business but the log's. */
function withoutPaths(message: string): string {
  return message.replaceAll(/\S*[/\\](?=[^/\\\s]+)/g, "");
}

/** @throws {Problem} 503, if a call made now could not be taken, or only to wait for a worker to start. */
export function requireReady({ pool }: ComputeStats, draining: boolean): void {
  if (draining) throw drainingProblem();
  if (!pool) return;
  if (pool.state !== "open" || !pool.slots.some((slot) => TAKES_CALLS.has(slot.state))) {
    const why = pool.loadFailure === null ? "" : `: ${withoutPaths(pool.loadFailure)}`;
    throw new Problem(503, "not-ready", `No worker can take calls${why}`, { "retry-after": "1" });
  }
}
