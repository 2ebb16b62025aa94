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
export { InfeasibleError } from "../hono/problem.ts";
