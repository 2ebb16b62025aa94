/**
 * HTTP for CPU-bound work, for any Hono app.
 *
 * @module
 */

export type { TrustsProxy } from "./client.ts";
export type { Clock } from "./clock.ts";
export { EventLoopLag, type LagSummary } from "./event_loop_lag.ts";
export { exitOnSignal, type ExitOptions, type StopSignal } from "./exit_on_signal.ts";
export { honestHead } from "./honest_head.ts";
export type { AnswerOptions, Body } from "./answer.ts";
export type { ByteRange } from "./conditional.ts";
export type { Coding } from "./negotiation.ts";
export type { MapOptions } from "./map.ts";
export { type Call, type OffLoop, offLoop } from "./off_loop.ts";
export type { OffLoopOptions, WorkOptions } from "./options.ts";
export { Problem } from "./problem.ts";
export { type IntOptions, intParam, intQuery, type TextOptions, textQuery } from "./read.ts";
export type { Report, ReportsOptions } from "./reports.ts";
export type { StreamOptions } from "./stream.ts";
export type { ServeInfo } from "./exchange.ts";
export type { Log } from "./request_log.ts";
export { type ServiceStats, statsOf } from "./stats.ts";
export type { Mark, Span } from "./timeline.ts";
export type { ActivityEvent, RunningCall, StatsEvent } from "./watch.ts";
