/**
 * Every error a {@linkcode Compute} rejects with besides its caller's abort reason and the function's
 * own, in one place for those who turn them into answers.
 *
 * @module
 */

export {
  DeadlineExceededError,
  OverloadedError,
  PoolClosedError,
  type Refused,
  WorkerCrashedError,
} from "../pool/errors.ts";

/** The job alone is estimated to take longer than it may. Nothing was started. */
export class InfeasibleError extends Error {
  /** Tells it from other errors where classes don't. */
  override readonly name = "InfeasibleError";
  /** What the job is estimated to take, in milliseconds. */
  readonly estimateMs: number;
  /** What it may take, in milliseconds. */
  readonly deadlineMs: number;

  /** Makes the error of a job that is estimated to take longer than it may. */
  constructor(estimateMs: number, deadlineMs: number) {
    super(`Call would take about ${Math.ceil(estimateMs)} ms and may take ${deadlineMs} ms`);
    this.estimateMs = estimateMs;
    this.deadlineMs = deadlineMs;
  }
}
