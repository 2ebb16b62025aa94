import type { Context } from "hono";
import { waitOf } from "./bounds.ts";
import type { Ask, Core } from "./core.ts";
import { exchangeOf } from "./exchange.ts";
import { inOrder } from "./in_order.ts";
import type { WorkOptions } from "./options.ts";

/** Options of `work.map()`. The deadline is that of each call. */
export interface MapOptions extends Omit<WorkOptions, "transfer"> {
  /** How many calls are under way at most. Default: 4. */
  concurrency?: number;
}

/** Makes a call for each element of a source. Yields the results in order. Rejects with an error that renders itself. */
export function mapWith(
  core: Core,
  c: Context,
  method: string,
  source: Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>,
  { concurrency, deadlineMs, signal = exchangeOf(c).request.signal, ...options }: MapOptions,
): AsyncIterableIterator<unknown> {
  const wait = waitOf(c, core.boundMs(deadlineMs));
  const results = inOrder(source, (args, bounds) => {
    const ask: Ask = { method, args, options: { ...options, ...bounds } };
    const found = core.find(c, ask);
    if (found) return Promise.resolve(found.value);
    return core.run(c, ask, core.admit(c, ask, core.now()));
  }, { signal, concurrency, deadlineMs: wait.deadlineMs });
  return {
    next: () =>
      results.next().catch((error) => {
        throw core.problem(c, error, { method, args: [], options: { ...options, signal } });
      }),
    // A generator's own return() would wait for the element under way.
    return: () => results.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
