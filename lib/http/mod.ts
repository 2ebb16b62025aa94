/**
 * The HTTP side of the service: everything between a `Request` and a `Backend`.
 *
 * @module
 */

export { type App, type AppOptions, createApp } from "./app.ts";
export type { ServeInfo } from "./exchange.ts";
export type { Limits } from "./job.ts";
export { type Page, type PageSource, readPage } from "./page.ts";
