import type { Context } from "hono";
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import type { WorkOptions } from "./options.ts";

/** What a method reports while it runs, and then what it comes to. */
export type Report<Result> = { readonly report: unknown } | { readonly result: Result };

/**
 * Makes a call whose reports are read one after the other, and its result last. Whoever reads no more stops it. What it
 * rejects with renders itself.
 */
export async function* reportsOf(
  core: Core,
  c: Context,
  exchange: Exchange,
  method: string,
  args: readonly unknown[],
  { signal, ...options }: Omit<WorkOptions, "onReport">,
): AsyncGenerator<Report<unknown>, void, void> {
  const left = new AbortController();
  // A report counts as heard when it is read: the pool tells no more before.
  const { readable, writable } = new TransformStream<Report<unknown>>();
  const writer = writable.getWriter();
  // Whether anybody reads on is told by what is read.
  writer.closed.catch(() => {});
  const call = core.call(c, exchange, {
    method,
    args,
    options: {
      ...options,
      signal: signal ? AbortSignal.any([signal, left.signal]) : left.signal,
      onReport: (report) => writer.write({ report }),
    },
  });
  call.then(
    async (result) => {
      await writer.write({ result });
      await writer.close();
    },
    (error) => writer.abort(error),
  ).catch(() => {});
  try {
    yield* readable;
  } finally {
    left.abort();
  }
}
