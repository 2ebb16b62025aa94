import { decodeError } from "../error_codec.ts";
import { throwLater, WorkerCrashedError } from "../errors.ts";
import type { CallTiming, Run, Sent } from "../job.ts";
import type { Ending, Meter } from "../meter.ts";
import type { PoolObserver } from "../options.ts";
import type { Answer } from "../sending/protocol.ts";
import { outOfTime } from "./bounds.ts";

/** What the dispatcher has to do with a job after its run; `undefined` if nothing. */
export type Next =
  | { readonly do: "resolve"; readonly value: unknown; readonly timing: CallTiming }
  | { readonly do: "stop"; readonly ending: Ending; readonly reason: unknown }
  /** It runs again: before all others, or after them. */
  | { readonly do: "wait"; readonly where: "first" | "last" }
  | undefined;

const ENDS = { value: "done", error: "failed", stopped: "stopped" } as const;

/** Decides what becomes of a job when its worker has answered or died. */
export class Outcomes {
  readonly #meter: Meter;
  readonly #observers: readonly PoolObserver[];

  /** @param observers Told after each run. */
  constructor(meter: Meter, observers: readonly PoolObserver[]) {
    this.#meter = meter;
    this.#observers = observers;
  }

  /** A worker has run a call, or skipped it. */
  returned(sent: Sent, answer: Answer, now: number): Next {
    const { job } = sent;
    const { kind, runMs } = answer;
    const hasRun = kind !== "skipped" && kind !== "unsent";
    if (hasRun) this.#ran(sent, ENDS[kind], runMs);
    if (!sent.withdrawn) job.sent = undefined;
    else if (kind !== "value") return undefined;
    if (job.settled) return undefined;
    // Skipped though it was not withdrawn: this should not happen, but if it does, the call must not be lost.
    if (answer.kind === "skipped") return { do: "wait", where: "first" };
    const waitMs = sent.startedAt - job.submittedAt;
    const transferMs = Math.max(0, now - sent.startedAt - runMs);
    if (hasRun) this.#meter.ran(job.method, waitMs, runMs, transferMs);
    switch (answer.kind) {
      case "value": {
        const timing = { slot: sent.slot.index, waitMs, runMs, transferMs };
        return { do: "resolve", value: answer.value, timing };
      }
      case "error":
      case "unsent":
        job.failed = true;
        return { do: "stop", ending: "failed", reason: decodeError(answer.value) };
      case "stopped": // By the watchdog, before this thread noticed that the deadline has passed.
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
      // It was taken back after it had run, and its answer was lost: it waits or runs again already.
      if (sent.withdrawn) return undefined;
      // Last in the queue: it may have killed its worker, and others should run before it does so again.
      if (job.options.pure && !job.exclusive) return { do: "wait", where: "last" };
    }
    const message = `Worker died while it ran ${job.method}()`;
    const reason = new WorkerCrashedError(message, { cause });
    return { do: "stop", ending: "crashed", reason };
  }

  /**
   * Calls `onRun` at once: a microtask for each run would cost too much. So a caller's code runs here in the middle of
   * the pool's. It may abort this very job or make calls. That is safe, because the mailbox has forgotten the run
   * before, and `job.settled` is read only afterwards.
   */
  #ran({ job, slot, startedAt }: Sent, end: Run["end"], runMs: number): void {
    if (this.#observers.length === 0) return;
    const { id, method, options: { tag } } = job;
    const run: Run = { id, method, tag, slot: slot.index, startedAt, runMs, end };
    // A copy: an observer may add another one, which is told from the next run on.
    for (const observer of [...this.#observers]) {
      try {
        observer.onRun?.(run);
      } catch (error) {
        throwLater(error);
      }
    }
  }
}
