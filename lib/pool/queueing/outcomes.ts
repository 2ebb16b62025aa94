import { decodeError } from "../error_codec.ts";
import { WorkerCrashedError } from "../errors.ts";
import type { CallTiming, Run, Sent } from "../job.ts";
import type { Ending, Meter } from "../meter.ts";
import type { Outcome } from "../sending/protocol.ts";
import { outOfTime } from "./bounds.ts";
import { tell } from "./settlement.ts";

/** What becomes of a call whose run is over; nothing, if it had ended before. */
export type Next =
  | { readonly do: "resolve"; readonly value: unknown; readonly timing: CallTiming }
  | { readonly do: "stop"; readonly ending: Ending; readonly reason: unknown }
  /** It runs again, in its turn or when all others have. */
  | { readonly do: "wait"; readonly where: "first" | "last" }
  | undefined;

const ENDS = { value: "done", error: "failed", stopped: "stopped" } as const;

/** Makes of what a worker says, or of its death, what becomes of the call that it was on. */
export class Outcomes {
  readonly #meter: Meter;
  readonly #onRun: ((run: Run) => void) | undefined;

  /** @param onRun Told of each run that is over. */
  constructor(meter: Meter, onRun: ((run: Run) => void) | undefined) {
    this.#meter = meter;
    this.#onRun = onRun;
  }

  /** A worker is done with a call, or has skipped it. */
  returned(sent: Sent, outcome: Outcome, now: number): Next {
    const { job } = sent;
    const { kind, runMs } = outcome;
    // An error in no time is that of a call that could not be sent.
    const hasRun = kind !== "skipped" && (kind !== "error" || runMs > 0);
    if (hasRun) this.#ran(sent, ENDS[kind], runMs);
    if (!sent.withdrawn) job.sent = undefined;
    else if (kind !== "value") return undefined;
    if (job.settled) return undefined;
    // Not for having been withdrawn: it should not happen, and must not lose the call if it does.
    if (kind === "skipped") return { do: "wait", where: "first" };
    const waitMs = sent.startedAt - job.submittedAt;
    const transferMs = Math.max(0, now - sent.startedAt - runMs);
    if (runMs > 0) this.#meter.ran(job.method, waitMs, runMs, transferMs);
    switch (kind) {
      case "value": {
        const timing = { slot: sent.slot, waitMs, runMs, transferMs };
        return { do: "resolve", value: outcome.value, timing };
      }
      case "error":
        job.failed = true;
        return { do: "stop", ending: "failed", reason: decodeError(outcome.error) };
      case "stopped": // By the watchdog, before this thread came to look at its own clock.
        return { do: "stop", ending: "expired", reason: outOfTime(job, now) };
    }
  }

  /** A worker has died with a call. */
  lost(sent: Sent, cause: Error, now: number): Next {
    const { job } = sent;
    this.#ran(sent, "lost", now - sent.startedAt);
    if (!sent.withdrawn) job.sent = undefined;
    if (job.settled) return undefined;
    job.deaths++;
    job.started = true;
    if (job.deaths === 1) {
      // Done and untold when it was taken back, it waits or runs again.
      if (sent.withdrawn) return undefined;
      // Last: it may have killed its worker, and others need not pay for that.
      if (job.options.pure && !job.exclusive) return { do: "wait", where: "last" };
    }
    const message = `Worker died while it ran ${job.method}()`;
    const reason = new WorkerCrashedError(message, { cause });
    return { do: "stop", ending: "crashed", reason };
  }

  /** At once and not by `tell`, which would make a microtask of each run. */
  #ran({ job, slot, startedAt }: Sent, end: Run["end"], runMs: number): void {
    if (!this.#onRun) return;
    const { id, method, options: { tag } } = job;
    try {
      this.#onRun({ id, method, tag, slot, startedAt, runMs, end });
    } catch (error) {
      tell(() => {
        throw error;
      });
    }
  }
}
