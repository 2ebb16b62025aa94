import type { Context } from "hono";
import type { Ask, Core } from "./core.ts";
import { waitOf } from "./bounds.ts";
import type { Exchange } from "./exchange.ts";
import { inOrder } from "./in_order.ts";
import type { WorkOptions } from "./options.ts";

/** Options of `work.map()`: the deadline is each call's. */
export interface MapOptions extends Omit<WorkOptions, "transfer"> {
  /** How many calls are under way at most. Default: 4. */
  concurrency?: number;
}

/** Makes a call for each element of a source, results in order. What it rejects with renders itself. */
export function mapWith(
  core: Core,
  c: Context,
  exchange: Exchange,
  method: string,
  source: Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>,
  { concurrency, deadlineMs, signal = exchange.request.signal, ...options }: MapOptions,
): AsyncIterableIterator<unknown> {
  const wait = waitOf(c, core.boundMs(deadlineMs));
  const results = inOrder(source, (args, bounds) => {
    const ask: Ask = { method, args, options: { ...options, ...bounds } };
    const found = core.find(exchange, ask);
    if (found) return Promise.resolve(found.value);
    return core.run(exchange, ask, core.admit(c, exchange, ask, core.now()));
  }, { signal, concurrency, deadlineMs: wait.deadlineMs });
  return {
    next: () =>
      results.next().catch((error) => {
        throw core.problem(
          exchange,
          error,
          { method, args: [], options: { ...options, signal } },
          c,
        );
      }),
    // Not a generator's own: it would wait for the element under way.
    return: () => results.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
