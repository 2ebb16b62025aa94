import type { HTTPException } from "hono/http-exception";
import type { ArgsOf, BackendCallOptions, Timing } from "@off-the-loop/pool";
import type { TrustsProxy } from "./client.ts";
import type { EventLoopLag } from "./event_loop_lag.ts";
import type { Log } from "./request_log.ts";

/** Options of {@linkcode offLoop}. */
export interface OffLoopOptions<Api> {
  /** Milliseconds a request's calls may take. `Prefer: wait=SECONDS` asks for less. Default: 30000. */
  deadlineMs?: number;
  /**
   * The methods whose answers follow from their arguments alone: they may be remembered by a `cached()` backend, and are
   * tried once more if their worker dies. Default: none.
   */
  pure?: readonly (keyof NoInfer<Api> & string)[];
  /**
   * Predicts the milliseconds that a method runs for some arguments. What takes longer than it may is refused with 422,
   * long calls wait apart from short ones. It has to be cheap. Default: nobody knows.
   */
  estimate?: {
    readonly [Name in keyof NoInfer<Api>]?: (
      ...args: ArgsOf<NoInfer<Api>[Name]>
    ) => number;
  };
  /**
   * Tells one version of the methods from another, as an entity tag can hold it: `work.answer()` makes tags of it. Change
   * it when an answer changes. Default: none, and answers have no tag and are checked each time.
   */
  version?: string;
  /** What the names of metrics begin with that are not HTTP's. Default: `work_`. */
  prefix?: string;
  /** What tells calls apart in the metrics of their times. Default: `method`, the method's name. */
  label?: {
    readonly name: string;
    readonly of: (method: keyof NoInfer<Api> & string, args: readonly unknown[]) => string;
  };
  /**
   * What calls are known by in `stats()`, `/events` and the dashboard, unless they have a `tag`. People read text and
   * numbers as they are, of an object those among its values. Default: nothing.
   */
  tagOf?: (method: keyof NoInfer<Api> & string, args: readonly unknown[]) => unknown;
  /** Milliseconds that work is still taken for after `/readyz` has begun to fail. Default: 0. */
  drainDelayMs?: number;
  /** Which proxies tell whose requests theirs are. Default: none. */
  trustsProxy?: TrustsProxy;
  /** Where bugs and overload are logged. Default: the console. */
  log?: Log;
  /** How late the event loop is. Default: measured from the first look at `/metrics` or `/events` on. */
  eventLoopLag?: EventLoopLag;
  /** Makes an answer of a method's own error. Default: it is a bug, and a 500. */
  problemOf?: (error: unknown, method: keyof NoInfer<Api> & string) => HTTPException | undefined;
  /** Told of each call that was answered by the backend. It has to be quick. Default: nobody is. */
  onCall?: (
    method: keyof NoInfer<Api> & string,
    args: readonly unknown[],
    timing: Timing,
  ) => void;
}

/** Options of one call for a request: none of them lets it take longer than the request may. */
export type WorkOptions = Omit<BackendCallOptions, "maxWaitMs">;
