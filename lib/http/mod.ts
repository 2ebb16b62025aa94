/**
 * The HTTP side of the service: everything between a `Request` and a `Compute`.
 *
 * @module
 */

export { type App, type AppOptions, createApp } from "./app.ts";
export type { TrustsProxy } from "./client.ts";
export type { ServeInfo } from "./exchange.ts";
export type { Clock } from "./clock.ts";
export { EventLoopLag, type LagSummary } from "./event_loop_lag.ts";
export type { Limits } from "./job.ts";
export type { ActivityEvent, RunningCall, StatsEvent } from "./watch.ts";
export { type Page, type PageSource, readPage } from "./page.ts";
