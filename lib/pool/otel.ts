/**
 * OpenTelemetry spans for calls. Both sides need it, since the active context does not cross into a
 * worker by itself: the pool injects it into a carrier that travels with the call, and the worker
 * continues from there.
 *
 * @module
 */

import {
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { CallTrace, Tracer } from "./trace.ts";

const tracer = trace.getTracer("worker-pool");

/**
 * One span for a call's time in the queue and one for its time at the worker, both children of whatever
 * span is active when the call is made. Without a registered provider the spans are no-ops.
 */
export const openTelemetry: Tracer = (method: string): CallTrace => {
  const parent = context.active();
  let span: Span = tracer.startSpan(`queue ${method}`, {}, parent);
  return {
    started(slot) {
      span.end();
      span = tracer.startSpan(
        `compute ${method}`,
        { kind: SpanKind.CLIENT, attributes: { "worker.slot": slot } },
        parent,
      );
      const carrier: Record<string, string> = {};
      propagation.inject(trace.setSpan(parent, span), carrier);
      return carrier;
    },
    ended(error) {
      endSpan(span, error);
    },
  };
};

/** Runs a call in the worker under a span whose parent is the pool's `compute` span. */
export function continueTrace<T>(
  carrier: Record<string, string>,
  method: string,
  run: () => T,
): T {
  const parent = propagation.extract(context.active(), carrier);
  return tracer.startActiveSpan(method, { kind: SpanKind.SERVER }, parent, (span) => {
    try {
      const result = run();
      if (result instanceof Promise) {
        result.then(() => endSpan(span), (error) => endSpan(span, error));
      } else {
        endSpan(span);
      }
      return result;
    } catch (error) {
      endSpan(span, error);
      throw error;
    }
  });
}

function endSpan(span: Span, error?: unknown): void {
  if (error !== undefined) {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
