import type { Context } from "hono";
import type { Core } from "./core.ts";
import type { WorkOptions } from "./options.ts";
import { Problem } from "./problem.ts";

/** Options of `work.reports()`. */
export interface ReportsOptions extends Omit<WorkOptions, "onReport"> {
  /**
   * The least time between two reports, in milliseconds. Each report costs the event loop some 50 µs, and few readers
   * look more often. Default: 100; 0 with `reports: "all"`.
   */
  everyMs?: number;
}

/** What `work.reports()` yields: each report of the method, then its result. */
export type Report<Result> = { readonly report: unknown } | { readonly result: Result };

/** Makes a call, and yields its reports as fast as they are read. Rejects with an error that renders itself. */
export function reportsOf(
  core: Core,
  c: Context,
  method: string,
  args: readonly unknown[],
  { everyMs, ...options }: ReportsOptions,
): AsyncIterableIterator<Report<unknown>> {
  const stop = new AbortController();
  const { signal, reports: which } = options;
  const pauseMs = everyMs ?? (which === "all" ? 0 : 100);
  /** Called when the reader wants more. Until then no report is taken: a slow reader gets the latest one. */
  let wantMore = () => {};
  let endPause = () => {};
  let isStarted = false;
  let isOver = false;
  /** Lets go of the call: others may share it, and must not wait for this reader. Returns whether this was new. */
  const end = () => {
    if (isOver) return false;
    isOver = true;
    wantMore();
    endPause();
    return true;
  };
  const pause = () =>
    pauseMs === 0 ? undefined : new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const reports = new ReadableStream<Report<unknown>>({
    pull(controller) {
      wantMore();
      if (isStarted) return;
      isStarted = true;
      const onReport = (report: unknown) => {
        if (isOver) return;
        const read = new Promise<void>((resolve) => wantMore = resolve);
        controller.enqueue({ report });
        return Promise.all([read, pause()]);
      };
      const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      core.call(c, method, args, { ...options, signal: either, onReport }).then(
        (result) => {
          if (!end()) return;
          controller.enqueue({ result });
          controller.close();
        },
        (error) => void (end() && controller.error(error)),
      );
    },
    cancel() {
      end();
      // A problem that is not logged: it is no failure.
      stop.abort(new Problem(499, "client-gone", "The client has left"));
    },
  }, { highWaterMark: 0 });

  // Not the stream's own iterator: its return() would wait for the next report.
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
