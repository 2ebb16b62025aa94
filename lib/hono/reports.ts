import type { Context } from "hono";
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { WorkOptions } from "./options.ts";
import { Problem } from "./problem.ts";

/** Options of `work.reports()`. */
export interface ReportsOptions extends Omit<WorkOptions, "onReport"> {
  /**
   * Milliseconds that are between two reports at least, however fast they come and are read: each costs the event loop
   * some 50 µs, and few readers look more often. Default: 100; 0, with `reports: "all"`.
   */
  everyMs?: number;
}

/** What `work.reports()` yields: each report of the method, and at last its result. */
export type Report<Result> = { readonly report: unknown } | { readonly result: Result };

/** Makes a call, and yields what its method reports as fast as it is read. What it rejects with renders itself. */
export function reportsOf(
  core: Core,
  c: Context,
  exchange: Exchange,
  method: string,
  args: readonly unknown[],
  { everyMs, ...options }: ReportsOptions,
): AsyncIterableIterator<Report<unknown>> {
  const stop = new AbortController();
  const { signal, reports: which } = options;
  const pauseMs = everyMs ?? (which === "all" ? 0 : 100);
  /** Resolves when more is read. A report is heard only then, so that a slow reader gets the latest and no pile. */
  let read = Promise.withResolvers<void>();
  let endPause = () => {};
  let isStarted = false;
  let isOver = false;
  /** Whoever else waits for a shared computation must not wait for this reader. */
  const end = () => {
    isOver = true;
    read.resolve();
    endPause();
  };

  const reports = new ReadableStream<Report<unknown>>({
    pull(controller) {
      read.resolve();
      if (isStarted) return;
      isStarted = true;
      core.call(c, exchange, {
        method,
        args,
        options: {
          ...options,
          signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
          onReport(report) {
            if (isOver) return;
            read = Promise.withResolvers();
            controller.enqueue({ report });
            return Promise.all([read.promise, pause()]);
          },
        },
      }).then((result) => {
        if (isOver) return;
        end();
        controller.enqueue({ result });
        controller.close();
      }, (error) => {
        if (isOver) return;
        end();
        controller.error(error);
      });
    },
    cancel() {
      end();
      // Nobody's failure, and so not logged as one.
      stop.abort(new Problem(499, "client-gone", "The client has left"));
    },
  }, { highWaterMark: 0 });

  function pause(): Promise<void> | undefined {
    if (pauseMs === 0) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // Not the stream's own iterator: its return() would wait for the report that is asked for.
  const reader = reports.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<Report<unknown>>>,
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
