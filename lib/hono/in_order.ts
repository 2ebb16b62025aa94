import { type Clock, orderedMap, OverloadedError, systemClock } from "@off-the-loop/pool/parts";
import { InfeasibleError } from "./problem.ts";

/** What bounds one of several calls. */
export interface CallBounds {
  /** Aborts when its result is no longer wanted. */
  readonly signal: AbortSignal;
  /** Milliseconds that it may take; `undefined` for no bound. */
  readonly deadlineMs: number | undefined;
}

/** Options of {@linkcode inOrder}. */
export interface InOrderOptions {
  /** Ends all of it with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds that each call may take. Default: no bound. */
  deadlineMs?: number;
  /** How many calls are under way at most. Default: 4. */
  concurrency?: number;
  /** Default: the real time. */
  clock?: Clock;
}

/**
 * Makes many calls, several at a time, with results in their order.
 *
 * The first may be refused like any call. From then on the answer is under way, and to be refused is to
 * wait: a call that finds no room is made again, until `deadlineMs` have passed for it.
 *
 * @param items Those for which to call. Pulled only as far ahead as `concurrency` goes.
 * @throws Whatever the first call that fails is rejected with. Those under way are aborted.
 */
export function inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  call: (item: Item, bounds: CallBounds) => Promise<Result>,
  { signal, deadlineMs, concurrency = 4, clock = systemClock }: InOrderOptions = {},
): AsyncGenerator<Result, void, void> {
  let first = true;
  const callOne = (item: Item, signal: AbortSignal) => {
    const patient = !first;
    first = false;
    return patient
      ? insist(
        (bounds) => call(item, bounds),
        { signal, deadlineMs: deadlineMs ?? Infinity },
        clock,
      )
      : call(item, { signal, deadlineMs });
  };
  return orderedMap(items, callOne, { concurrency, signal });
}

async function insist<Result>(
  call: (bounds: CallBounds) => Promise<Result>,
  { signal, deadlineMs }: { readonly signal: AbortSignal; readonly deadlineMs: number },
  clock: Clock,
): Promise<Result> {
  const giveUpAt = clock.now() + deadlineMs;
  let leftMs = deadlineMs;
  let refusal: OverloadedError | undefined;
  do {
    try {
      const deadlineMs = leftMs === Infinity ? undefined : leftMs;
      return await call({ signal, deadlineMs });
    } catch (error) {
      // It was feasible until it had to wait: room is what it lacks.
      if (refusal && error instanceof InfeasibleError) break;
      if (!(error instanceof OverloadedError)) throw error;
      refusal = error;
    }
    // To be refused may itself have taken all the time there was.
    leftMs = Math.max(0, giveUpAt - clock.now());
    await pause(Math.min(Math.max(refusal.retryAfterMs, MIN_PAUSE_MS), leftMs), signal, clock);
    leftMs = giveUpAt - clock.now();
  } while (leftMs > 0);
  throw refusal;
}

/** Between two questions: often enough to get its share of a busy pool, too seldom to be part of the load. */
const MIN_PAUSE_MS = 10;

function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    // An abort between refusal and pause has been, and would not be heard any more.
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
