/**
 * The bounds of a call: how long it may wait, run, and take altogether.
 *
 * @module
 */

import { DeadlineExceededError } from "../errors.ts";
import type { Candidate, Job } from "../job.ts";
import { LIMIT_AFTER_MS } from "../policy.ts";

/** Milliseconds that a call may wait for its start; once it has been started, for its end. */
export function patience({ options: { maxWaitMs, deadlineMs }, started }: Candidate): number {
  return Math.min(started ? Infinity : maxWaitMs ?? Infinity, deadlineMs ?? Infinity);
}

/** When a call that started at some moment has to be done. */
export function dueAt({ submittedAt, options }: Job, startedAt: number): number {
  const { deadlineMs = Infinity, maxRunMs = Infinity } = options;
  return Math.min(submittedAt + deadlineMs, startedAt + maxRunMs);
}

/**
 * How long a worker's watchdog lets a call run that starts now. Longer than the call may take: the pool shall reject
 * the caller before the watchdog cuts the call. Whole milliseconds; 0: no limit.
 */
export function limitMs(job: Job, now: number, cancelGraceMs: number): number {
  const leftMs = Math.max(0, dueAt(job, now) - now);
  if (leftMs === Infinity) return 0;
  return Math.max(1, Math.ceil(leftMs + Math.max(cancelGraceMs / 2, LIMIT_AFTER_MS)));
}

/** The error of a call that was started and not done in time. */
export function outOfTime({ submittedAt, options }: Job, now: number): DeadlineExceededError {
  const { deadlineMs = Infinity, maxRunMs = Infinity } = options;
  const sinceMs = now - submittedAt;
  if (maxRunMs < deadlineMs && sinceMs < deadlineMs) {
    return new DeadlineExceededError(maxRunMs, "run");
  }
  return new DeadlineExceededError(deadlineMs === Infinity ? sinceMs : deadlineMs);
}
