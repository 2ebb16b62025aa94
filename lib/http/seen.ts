/**
 * What the page is told of the service, in the events of `/events`.
 *
 * @module
 */

import type { FibonacciJob } from "../compute/mod.ts";
import type * as kit from "../hono/mod.ts";

/** What of a call's tag is told. */
export type FibonacciTag = Pick<FibonacciJob, "n" | "algorithm">;

/** A stretch of time in which a worker computed. */
export type Span = kit.Span<FibonacciTag>;

/** What the workers did since the event before. */
export type ActivityEvent = kit.ActivityEvent<FibonacciTag>;

/** A number that a worker is on. */
export type RunningCall = kit.RunningCall<FibonacciTag>;
