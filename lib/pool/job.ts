import type { Hearing } from "./queueing/hearing.ts";
import type { Lane } from "./queueing/lanes.ts";
import type { Reports } from "./sending/protocol.ts";
import type { Place } from "./queueing/queue.ts";
import type { CallTrace } from "./trace.ts";

/** Where the time of a call went. */
export interface CallTiming {
  /** The slot that ran it. */
  readonly slot: number;
  /** Milliseconds from the call to its start. */
  readonly waitMs: number;
  /** Milliseconds it ran, measured in the worker. */
  readonly runMs: number;
  /** Milliseconds on the way to the worker and back: what the other two leave of a call's time. */
  readonly transferMs: number;
}

/** One run of a call in a worker, when it is over. */
export interface Run extends Pick<CallTiming, "slot"> {
  /** The call, as `stats()` numbers it. A pure one whose worker died, or was slow to tell, may run twice. */
  readonly id: number;
  /** The worker's method that was called. */
  readonly method: string;
  /** What the caller gave as {@linkcode CallOptions.tag}. */
  readonly tag: unknown;
  /** When its worker came to it, as far as the pool can tell, by the pool's clock. */
  readonly startedAt: number;
  /** Milliseconds it ran, measured in the worker; by the pool's clock, if it is lost. */
  readonly runMs: number;
  /**
   * With a value, with the function's own error, cancelled or cut, or with its worker's death. Its call may
   * have ended otherwise: one that was aborted too late to stop is done.
   */
  readonly end: "done" | "failed" | "stopped" | "lost";
}

/** Options of a call. */
export interface CallOptions {
  /**
   * Aborts the call: it is rejected with the signal's reason at once. If it waits, it leaves the queue; if
   * it runs, its worker stops at the next checkpoint and goes on with other calls.
   */
  signal?: AbortSignal;
  /** Milliseconds from now in which the call is answered or rejected. Default: no bound. */
  deadlineMs?: number;
  /**
   * Milliseconds within which the call must start: it is refused at once if it is predicted to wait
   * longer, and dropped if it has waited that long. Default: `deadlineMs`.
   */
  maxWaitMs?: number;
  /**
   * Milliseconds that it may run, from when its worker comes to it: a bound for the work, where `deadlineMs` is one for
   * the caller's patience. Default: no bound.
   */
  maxRunMs?: number;
  /**
   * How long it will run, if the caller knows. Default: what calls of this method took lately. A call that takes 10 ms or
   * more waits apart from shorter ones, which go before it, and leaves the last idle worker to them.
   */
  estimateMs?: number;
  /**
   * Running it twice does no harm: if its worker dies, it is tried once more. Default: false. A call with
   * a transfer list is never repeated, its arguments are gone.
   */
  pure?: boolean;
  /** What to move to the worker and not copy. Unusable here once the call has started. */
  transfer?: Transferable[];
  /**
   * Whose call it is, by any value: a client's address, say. While others wait, those of one group get no more turns
   * than another's, however many it makes. Default: one group for all such calls.
   */
  group?: unknown;
  /** What to know the call by in `stats()` and `onRun`. It stays here: the worker is not told. */
  tag?: unknown;
  /**
   * Told what the method reports by `current().report()`, in order and never after the call has settled. If it returns a
   * promise, that is waited for before it is told more; what it throws rejects the call and stops it. A pure call that is
   * run again reports again. Default: nobody listens, and reporting costs nothing.
   */
  onReport?(value: unknown): unknown;
  /**
   * Which reports are told: the `latest` whenever `onReport` is free for one, or `all` of them. Of all, a worker waits for
   * its listener when 16 have not been heard, and the call does not resolve before they are. Default: `latest`.
   */
  reports?: Reports;
  /** Told where the time went, just before the call resolves. Not told of calls that don't. */
  onTiming?: (timing: CallTiming) => void;
}

/** The options of a call when they have been read: what is not given is `undefined`. */
export type CheckedOptions = {
  readonly [Name in keyof Required<CallOptions>]: CallOptions[Name] | undefined;
};

/** What decides whether a call is taken, and where it goes. */
export interface Candidate {
  readonly options: Pick<CheckedOptions, "deadlineMs" | "maxWaitMs" | "group">;
  /** How long it is expected to run: the caller's estimate or the method's mean; else unknown. */
  readonly costMs: number | undefined;
  /** How long it may run: the caller's estimate or the method's peak; else unknown. */
  readonly peakMs: number | undefined;
  /** Where it waits. */
  readonly lane: Lane;
  /**
   * Its arguments are moved: it has a worker and a message for itself. They are gone as soon as it is
   * posted, even if that fails, and with them those of whatever shares the message.
   */
  readonly exclusive: boolean;
  /** It has been started before: how long it waits for its start is no question any more. */
  started: boolean;
  /** Workers that died under it. */
  deaths: number;
}

/** Makes a call that nobody has made yet. */
export function candidate(
  { options: { deadlineMs, maxWaitMs, group }, ...known }:
    & Pick<Candidate, "costMs" | "peakMs" | "lane">
    & { readonly options: Partial<Candidate["options"]> },
): Candidate {
  return {
    ...known,
    options: { deadlineMs, maxWaitMs, group },
    exclusive: false,
    started: false,
    deaths: 0,
  };
}

/** A call on its way: waiting if it has a `place`, with a worker if it is `sent`, else settled. */
export interface Job extends Candidate {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: CheckedOptions;
  readonly trace: CallTrace | undefined;
  /** What becomes of its reports, if somebody listens. */
  readonly hearing: Hearing | undefined;
  readonly submittedAt: number;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: (() => void) | undefined;

  place: Place<Job> | undefined;
  sent: Sent | undefined;
  settled: boolean;
  /** It ran, and threw. */
  failed: boolean;
}

/** A call that a worker has. */
export interface Sent {
  readonly job: Job;
  /** The slot whose worker has it. */
  readonly slot: number;
  readonly cell: number;
  /** When the watchdog cuts it, in milliseconds from its start; 0: never. */
  readonly limitMs: number;
  /** Microseconds that it may take, and that it takes on average. */
  readonly costUs: number;
  readonly meanUs: number;
  /** When its worker came to it, as far as the pool can tell. */
  startedAt: number;
  /** It was taken back: the worker skips it, and the answer is about nothing. */
  withdrawn: boolean;
}
