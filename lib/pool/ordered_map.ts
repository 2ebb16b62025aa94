/** Options of {@linkcode orderedMap}. */
export interface OrderedMapOptions {
  /** How many calls are under way at most. */
  concurrency: number;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Maps a source through an asynchronous function: several calls at a time, results in the order of the
 * source.
 *
 * Results are made ahead only as far as `concurrency` goes: a consumer that is slow slows the source, and
 * one that stops (by `break`, `return()` or an error) aborts the calls under way and closes the source.
 * The first call that fails, in the order of the source, ends the iteration with its error and aborts the
 * others.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { orderedMap } from "./ordered_map.ts";
 *
 * const squares = orderedMap([3, 1, 2], (n) => Promise.resolve(n * n), { concurrency: 2 });
 * assertEquals(await Array.fromAsync(squares), [9, 1, 4]);
 * ```
 *
 * @param call Called with each value, and a signal that aborts when its result is no longer wanted.
 */
export async function* orderedMap<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  call: (value: T, signal: AbortSignal) => Promise<R>,
  options: OrderedMapOptions,
): AsyncGenerator<R, void, void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const iterator = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {}); // It may come when nobody races with it any more.
  const underWay: Promise<R>[] = [];
  let pull: Promise<IteratorResult<T>> | undefined;
  let exhausted = false;
  try {
    while (true) {
      if (!exhausted && underWay.length < options.concurrency) {
        pull ??= Promise.resolve(iterator.next());
      }
      if (!pull && underWay.length === 0) return;
      // A source that takes its time must not hold up a result that is there.
      const next = await Promise.race([
        aborted,
        ...(pull ? [pull] : []),
        ...(underWay.length > 0 ? [settled(underWay[0])] : []),
      ]);
      if (!next) {
        yield await underWay.shift()!;
        continue;
      }
      pull = undefined;
      if (next.done) {
        exhausted = true;
        continue;
      }
      const result = call(next.value, signal);
      result.catch(() => {}); // It is awaited in its turn; until then its failure is not unhandled.
      underWay.push(result);
    }
  } finally {
    stop.abort();
    if (!exhausted) {
      const closed = Promise.resolve(iterator.return?.());
      // A source that is stuck would never let go.
      if (pull) Promise.allSettled([pull, closed]);
      else await closed;
    }
  }
}

function settled(promise: Promise<unknown>): Promise<undefined> {
  return promise.then(() => undefined, () => undefined);
}
