import type { BackendCallOptions, CacheUse, Timing } from "./backend.ts";
import type { Clock } from "./clock.ts";
import { DeadlineExceededError, OverloadedError } from "./errors.ts";
import { waitFor } from "./wait_for.ts";

/**
 * How long before its caller's deadline a call that has not started is refused. If both happened at the same moment, the
 * caller's own wait would end first, and nobody would learn that there was no room. Less would lose that race on a busy
 * thread; more would refuse calls that could still start.
 */
const REFUSED_BEFORE_MS = 5;

/** One computation under way, for all who wait for it. */
export interface Flight {
  /** Waits as long as a caller's signal and deadline allow. The last one to leave cancels the work. */
  wait(options: BackendCallOptions, cache: CacheUse): Promise<unknown>;
  /**
   * Returns the bounds with which a caller who waited may start over; `undefined` if that would not help. It helps if
   * the flight ran out of time, the caller had more time than the one who began it, and some of that is left.
   */
  timeLeft(error: unknown, own: Bounds): BackendCallOptions | undefined;
}

export type Compute = (options: BackendCallOptions) => Promise<unknown>;

/** By when a call ends, by when it starts, and how long it runs. `Infinity`: no bound. */
export type Bounds = ReturnType<typeof boundsOf>;

export function boundsOf(
  { deadlineMs = Infinity, maxWaitMs = deadlineMs, maxRunMs = Infinity }: BackendCallOptions,
  now: number,
) {
  return { endBy: now + deadlineMs, startBy: now + maxWaitMs, maxRunMs };
}

/** Begins a flight for a caller, and keeps it in `flights` for as long as others may join. */
export function takeOff(
  flights: Map<string, Flight>,
  key: string,
  compute: Compute,
  options: BackendCallOptions,
  bounds: Bounds,
  clock: Clock,
): Flight {
  const { deadlineMs = Infinity, maxWaitMs = deadlineMs } = options;
  const controller = new AbortController();
  let timing: Timing | undefined;
  let waiting = 0;
  const result = compute({
    ...options,
    pure: true,
    signal: controller.signal,
    ...finite(
      2 * deadlineMs,
      Math.min(maxWaitMs, Math.max(0, deadlineMs - REFUSED_BEFORE_MS)),
    ),
    onTiming: (told) => timing = told,
  });
  const flight: Flight = {
    async wait({ signal, deadlineMs, onTiming }, cache) {
      waiting++;
      const value = await waitFor(result, { signal, deadlineMs, clock }, (reason) => {
        if (--waiting > 0) return;
        // Before it is cancelled: a new caller must not join what is about to fail.
        close();
        controller.abort(reason);
      });
      onTiming?.({ ...timing!, cache });
      return value;
    },
    timeLeft(error, own) {
      const ranOutOfTime = error instanceof OverloadedError ||
        error instanceof DeadlineExceededError;
      const hadMore = own.endBy > bounds.endBy || own.startBy > bounds.startBy ||
        own.maxRunMs > bounds.maxRunMs;
      const now = clock.now();
      const isInTime = own.endBy > now && own.startBy >= now;
      if (!ranOutOfTime || !hadMore || !isInTime) return undefined;
      return finite(own.endBy - now, own.startBy - now);
    },
  };
  const close = () => {
    // Compared first: when all callers have left this flight, a newer one may have its key.
    if (flights.get(key) === flight) flights.delete(key);
  };
  result.then(close, close);
  flights.set(key, flight);
  return flight;
}

/** Makes options of bounds. One that is infinite is left out. */
function finite(deadlineMs: number, maxWaitMs: number): BackendCallOptions {
  return {
    ...(deadlineMs < Infinity && { deadlineMs }),
    ...(maxWaitMs < Infinity && { maxWaitMs }),
  };
}
