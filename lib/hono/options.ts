import type { HTTPException } from "hono/http-exception";
import type { ArgsOf, BackendCallOptions, Timing } from "@off-the-loop/pool";
import type { TrustsProxy } from "./client.ts";
import type { EventLoopLag } from "./event_loop_lag.ts";
import type { Log } from "./request_log.ts";

/** Options of {@linkcode offLoop}. */
export interface OffLoopOptions<Api> {
  /** Milliseconds the calls of a request may take. `Prefer: wait=SECONDS` asks for less. Default: 30000. */
  deadlineMs?: number;
  /**
   * The methods whose results follow from their arguments alone. A `cached()` backend may remember them, and a call is
   * made once more if its worker dies. Default: none.
   */
  pure?: readonly (keyof NoInfer<Api> & string)[];
  /**
   * Predicts how many milliseconds a method runs. A call that would take too long is refused with 422, and long calls
   * wait apart from short ones. Called for each request: it has to be cheap. Default: no estimate.
   */
  estimate?: {
    readonly [Name in keyof NoInfer<Api>]?: (
      ...args: ArgsOf<NoInfer<Api>[Name]>
    ) => number;
  };
  /**
   * The version of the methods, in characters of an entity tag: `work.answer()` makes tags with it. Change it when an
   * answer changes. Default: none; answers have no tag, and clients ask again each time.
   */
  version?: string;
  /** What the names of metrics begin with, except for those of HTTP. Default: `work_`. */
  prefix?: string;
  /** The label of calls in the metrics of their times. Default: `method`, the method's name. */
  label?: {
    readonly name: string;
    readonly of: (method: keyof NoInfer<Api> & string, args: readonly unknown[]) => string;
  };
  /**
   * The tag of calls that have none of their own, for `stats()`, `/events` and the dashboard. Text and numbers are shown
   * as they are, and those among an object's values. Default: none.
   */
  tagOf?: (method: keyof NoInfer<Api> & string, args: readonly unknown[]) => unknown;
  /** Milliseconds in which work is still taken after `/readyz` has begun to fail. Default: 0. */
  drainDelayMs?: number;
  /** The proxies whose `Forwarded` or `X-Forwarded-For` header is trusted. Default: none. */
  trustsProxy?: TrustsProxy;
  /** Where bugs and overload are logged. Default: the console. */
  log?: Log;
  /** Measures how late the event loop is. Default: one that starts with the first request for `/metrics` or `/events`. */
  eventLoopLag?: EventLoopLag;
  /** Makes an answer of an error that a method has thrown. Default: it is a bug, and a 500. */
  problemOf?: (error: unknown, method: keyof NoInfer<Api> & string) => HTTPException | undefined;
  /** Called after each call that the backend has answered. It has to be quick. Default: nothing. */
  onCall?: (
    method: keyof NoInfer<Api> & string,
    args: readonly unknown[],
    timing: Timing,
  ) => void;
}

/** Options of one call for a request. It can't take longer than the request may. */
export type WorkOptions = Omit<BackendCallOptions, "maxWaitMs">;
