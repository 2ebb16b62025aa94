/** Options of {@linkcode orderedMap}. */
export interface OrderedMapOptions {
  /** How many calls are under way at most. */
  concurrency: number;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal | undefined;
}

let stopped: DOMException | undefined;

/**
 * The reason with which calls under way are aborted when the consumer stops. Made on first use: to load the class can
 * take 5 ms.
 */
function stoppedReason(): DOMException {
  return stopped ??= new DOMException("The iteration was stopped", "AbortError");
}

/**
 * Maps a source through an asynchronous function: several calls at a time, results in the order of the
 * source.
 *
 * At most `concurrency` results are made ahead, so a slow consumer slows the source. A consumer that stops (by `break`,
 * `return()` or an error) aborts the calls under way and closes the source. It may stop while a `next()` is pending:
 * `return()` ends that, too.
 * The first call that fails, in the order of the source, ends the iteration with its error and aborts the
 * others. If the signal is aborted before the first value is asked for, the source is never opened.
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
export function orderedMap<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  call: (value: T, signal: AbortSignal) => Promise<R>,
  { concurrency, signal }: OrderedMapOptions,
): AsyncGenerator<R, void, void> {
  const stop = new AbortController();
  const results = generate(source, call, {
    concurrency,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    stop,
  });
  // A generator's own return() would wait for a pending next(), and so for the call behind that.
  return {
    next: () => results.next(),
    return() {
      stop.abort(stoppedReason());
      return results.return();
    },
    throw(error) {
      stop.abort(error);
      return results.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}

async function* generate<T, R>(
  source: Iterable<T> | AsyncIterable<T>,
  call: (value: T, signal: AbortSignal) => Promise<R>,
  { concurrency, signal, stop }: {
    concurrency: number;
    signal: AbortSignal;
    stop: AbortController;
  },
): AsyncGenerator<R, void, void> {
  signal.throwIfAborted();
  const iterator = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {}); // It may reject when no race awaits it any more.
  const underWay: Promise<R>[] = [];
  let pull: Promise<IteratorResult<T>> | undefined;
  let exhausted = false;
  try {
    while (true) {
      if (!exhausted && underWay.length < concurrency) {
        pull ??= Promise.resolve(iterator.next());
      }
      if (!pull && underWay.length === 0) return;
      // A slow source must not delay a result that is ready.
      const next = await Promise.race([
        aborted,
        ...(pull ? [pull] : []),
        ...underWay.slice(0, 1).map(settled),
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
      result.catch(() => {}); // It is awaited later; until then a rejection must not count as unhandled.
      underWay.push(result);
    }
  } catch (error) {
    // The consumer who stopped gets no error for it.
    if (error !== stoppedReason()) throw error;
  } finally {
    stop.abort(stoppedReason());
    if (!exhausted) {
      const closed = Promise.resolve(iterator.return?.());
      // A source that is stuck would never return.
      if (pull) Promise.allSettled([pull, closed]);
      else await closed;
    }
  }
}

function settled(promise: Promise<unknown>): Promise<undefined> {
  return promise.then(() => undefined, () => undefined);
}
