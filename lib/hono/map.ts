import type { Context } from "hono";
import { type Clock, orderedMap, OverloadedError, systemClock } from "@off-the-loop/pool/parts";
import type { Core } from "./core.ts";
import { exchangeOf } from "./exchange.ts";
import type { WorkOptions } from "./options.ts";
import { INFEASIBLE, Problem } from "./problem.ts";

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
  const wait = core.waitOf(c, deadlineMs);
  const results = inOrder(source, (args, bounds) => {
    const ask = core.ask(method, args, { ...options, ...bounds });
    const found = core.find(c, ask);
    if (found) return Promise.resolve(found.value);
    return core.run(c, ask, core.admit(c, ask, core.now()));
  }, { signal, concurrency, deadlineMs: wait.deadlineMs });
  return {
    next: () =>
      results.next().catch((error) => {
        throw core.problem(c, error, { method, options: { ...options, signal } });
      }),
    // A generator's own return() would wait for the element under way.
    return: () => results.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The bounds of one call. */
export interface CallBounds {
  /** Aborts when the result is no longer wanted. */
  readonly signal: AbortSignal;
  /** Milliseconds the call may take; `undefined` for no bound. */
  readonly deadlineMs: number | undefined;
}

/** Options of {@linkcode inOrder}: the signal ends all calls, and the deadline is that of each. */
export interface InOrderOptions extends Partial<CallBounds> {
  /** How many calls are under way at most. Default: 4. */
  concurrency?: number;
  /** Default: the real time. */
  clock?: Clock;
}

/** The shortest pause before a refused call is made again. Less would add to the load; more would lose its turn. */
const MIN_PAUSE_MS = 10;

/**
 * Makes a call for each item, several at a time. Yields the results in the order of the items.
 *
 * The first call may be refused. After it the answer has begun, so a call that is refused later is made again until
 * `deadlineMs` have passed for it.
 *
 * @param items Read only as far ahead as `concurrency` goes.
 * @throws The error of the first call that fails. The calls under way are aborted.
 */
export function inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  call: (item: Item, bounds: CallBounds) => Promise<Result>,
  { signal, deadlineMs, concurrency = 4, clock = systemClock }: InOrderOptions = {},
): AsyncGenerator<Result, void, void> {
  let isFirst = true;
  return orderedMap(items, (item, signal) => {
    if (!isFirst) return insist((bounds) => call(item, bounds), { signal, deadlineMs }, clock);
    isFirst = false;
    return call(item, { signal, deadlineMs });
  }, { concurrency, signal });
}

async function insist<Result>(
  call: (bounds: CallBounds) => Promise<Result>,
  { signal, deadlineMs }: CallBounds,
  clock: Clock,
): Promise<Result> {
  const giveUpAt = clock.now() + (deadlineMs ?? Infinity);
  let leftMs = deadlineMs;
  let refusal: OverloadedError | undefined;
  do {
    try {
      return await call({ signal, deadlineMs: leftMs });
    } catch (error) {
      // The time that is left is too short for it, because there was no room before.
      if (refusal && error instanceof Problem && error.code === INFEASIBLE) break;
      if (!(error instanceof OverloadedError)) throw error;
      refusal = error;
    }
    // The refusal itself may have taken all the time.
    const pauseMs = Math.max(refusal.retryAfterMs, MIN_PAUSE_MS);
    await pause(Math.min(pauseMs, Math.max(0, giveUpAt - clock.now())), signal, clock);
    if (deadlineMs !== undefined) leftMs = giveUpAt - clock.now();
  } while (leftMs === undefined || leftMs > 0);
  throw refusal;
}

function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    // An abort that came before the listener would be missed.
    signal.throwIfAborted();
    const aborted = () => {
      cancelTimer();
      reject(signal.reason);
    };
    const cancelTimer = clock.after(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}
