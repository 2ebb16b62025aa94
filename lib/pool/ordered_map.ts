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
  { concurrency, signal: outer }: OrderedMapOptions,
): AsyncGenerator<R, void, void> {
  const stop = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal;
  const results = generate();

  async function* generate(): AsyncGenerator<R, void, void> {
    signal.throwIfAborted();
    const iterator = Symbol.asyncIterator in source
      ? source[Symbol.asyncIterator]()
      : source[Symbol.iterator]();
    // One promise a turn. A race with a promise that lives as long as the iteration would keep all that it raced with.
    let wake = () => {};
    const watch = <V>(promise: Promise<V>): Watched<V> => {
      const watched = { promise, isSettled: false };
      const settle = () => {
        watched.isSettled = true;
        wake();
      };
      promise.then(settle, settle);
      return watched;
    };
    signal.addEventListener("abort", () => wake(), { once: true });
    const underWay: Watched<R>[] = [];
    let pull: Watched<IteratorResult<T>> | undefined;
    let exhausted = false;
    try {
      while (true) {
        signal.throwIfAborted();
        if (!exhausted && underWay.length < concurrency) {
          pull ??= watch(Promise.resolve(iterator.next()));
        }
        if (!pull && underWay.length === 0) return;
        if (pull?.isSettled) {
          const next = await pull.promise;
          pull = undefined;
          if (next.done) exhausted = true;
          // It is awaited in its turn. Until then its failure is not unhandled.
          else underWay.push(watch(call(next.value, signal)));
        } else if (underWay[0]?.isSettled) {
          // A source that takes its time must not hold up a result that is there.
          yield await underWay.shift()!.promise;
        } else {
          await new Promise<void>((resolve) => wake = resolve);
        }
      }
    } catch (error) {
      // Whoever has stopped is not told that they have.
      if (error !== stoppedReason()) throw error;
    } finally {
      stop.abort(stoppedReason());
      if (!exhausted) {
        const closed = Promise.resolve(iterator.return?.());
        // A source that is stuck would never let go.
        if (pull) Promise.allSettled([pull.promise, closed]);
        else await closed;
      }
    }
  }

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

/** A promise, and whether it has settled. */
interface Watched<V> {
  readonly promise: Promise<V>;
  readonly isSettled: boolean;
}
