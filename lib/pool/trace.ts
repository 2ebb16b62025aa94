import { throwLater } from "./errors.ts";

/** Follows one call. Neither method may make or abort calls of the pool. */
export interface CallTrace {
  /** The call is about to be sent to a worker. @returns What is sent with it, for {@linkcode ContinueTrace}. */
  started(slot: number): Record<string, string>;
  /** The call is settled; `error` is what it was rejected with, if it was. */
  ended(error?: unknown): void;
}

/** Makes a trace for each call; `openTelemetry` of `otel.ts` is one. */
export type Tracer = (method: string) => CallTrace;

/**
 * Runs a call in the worker as a part of the trace that it belongs to; `continueTrace` of `otel.ts` is one.
 *
 * @param carrier What {@linkcode CallTrace.started} has returned.
 * @param run Runs the call. Its result, or promise, is to be returned.
 */
export type ContinueTrace = (
  carrier: Record<string, string>,
  method: string,
  run: () => unknown,
) => unknown;

/** Calls `trace.started`. A tracer that throws must not lose the call. @returns What to send with it. */
export function carrierOf(trace: CallTrace, slot: number): Record<string, string> | undefined {
  try {
    return trace.started(slot);
  } catch (error) {
    throwLater(error);
    return undefined;
  }
}
