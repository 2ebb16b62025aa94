/**
 * HTTP for CPU-bound work, for any Hono app.
 *
 * @module
 */

export type { TrustsProxy } from "./client.ts";
export type { Clock } from "./clock.ts";
export { EventLoopLag, type LagSummary } from "./event_loop_lag.ts";
export type { ServeInfo } from "./exchange.ts";
export type { Log } from "./request_log.ts";
export { type ServiceStats, statsOf } from "./stats.ts";
export {
  type Fields,
  type Mark,
  type Span,
  type SpanBase,
  Timeline,
  type TimelinePart,
  type Untagged,
} from "./timeline.ts";
export type { ActivityEvent, RunningCall, StatsEvent } from "./watch.ts";
