import type { Timing } from "./backend.ts";
import { ReportQueue } from "./queueing/report_queue.ts";
import type { Lane } from "./queueing/lanes.ts";
import type { Call, Reports } from "./sending/protocol.ts";
import type { Place } from "./queueing/queue.ts";
import type { CallTrace } from "./trace.ts";
import type { Slot } from "./workers/slot.ts";

/** Where the time of a call of a pool went. */
export interface CallTiming extends Timing {
  /** The slot that ran it. */
  readonly slot: number;
}

/** One run of a call in a worker, when it is over. */
export interface Run extends Pick<CallTiming, "slot"> {
  /** The number of the call, as in `stats()`. A pure call whose worker died, or was slow to answer, may run twice. */
  readonly id: number;
  /** The worker's method that was called. */
  readonly method: string;
  /** What the caller gave as {@linkcode CallOptions.tag}. */
  readonly tag: unknown;
  /** When its worker started it, by the pool's clock, as far as the pool knows. */
  readonly startedAt: number;
  /** Milliseconds it ran, measured in the worker. If the worker died, by the pool's clock. */
  readonly runMs: number;
  /**
   * How the run ended: with a value, with the function's own error, cancelled or cut, or with its worker's death. The
   * call may have ended otherwise: the run of a call that is aborted just before it returns is `done`.
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
   * Milliseconds that it may run, counted from its start in the worker. This bounds the work, and `deadlineMs` the
   * caller's wait. Default: no bound.
   */
  maxRunMs?: number;
  /**
   * How long it will run, if the caller knows. Default: what calls of this method took lately. A call that takes 10
   * ms or more waits apart from shorter ones, which go before it, and leaves the last idle worker to them.
   */
  estimateMs?: number;
  /**
   * Whether running it twice does no harm. If so, it is tried once more when its worker dies. Default: false. A call
   * with a transfer list is never repeated: its arguments are gone.
   */
  pure?: boolean;
  /** What to move to the worker and not copy. Unusable here once the call has started. */
  transfer?: Transferable[];
  /**
   * Who makes the call: any value, such as a client's address. While calls of several groups wait, the groups take
   * turns, however many calls each of them has. Default: one group for all calls that name none.
   */
  group?: unknown;
  /** Any value that identifies the call in `stats()` and `onRun`. It is not sent to the worker. */
  tag?: unknown;
  /**
   * Called with what the method passes to `current().report()`, in order, and never after the call has settled. If it
   * returns a promise, the next report waits for that. If it throws, the call is rejected with the error, and
   * stopped. A pure call that is run again reports again. Default: reports are dropped in the worker, which costs
   * nothing.
   */
  onReport?(value: unknown): unknown;
  /**
   * Which reports `onReport` gets: the `latest` whenever it is free for one, or `all` of them. With `all`, the worker
   * waits while 16 reports are unread, and the call does not resolve before all are read. Default: `latest`.
   */
  reports?: Reports;
  /** Called with where the time went, just before the call resolves. Not called if it is rejected. */
  onTiming?: (timing: CallTiming) => void;
}

/** The options of a call after they were checked: what was not given is `undefined`. */
export type CheckedOptions = {
  readonly [Name in keyof Required<CallOptions>]: CallOptions[Name] | undefined;
};

/** How long a call is expected to run, in milliseconds: its caller's estimate, or what its method took lately. */
export interface Expectation {
  /** On average: to predict how long others wait. `undefined`: unknown. */
  readonly costMs: number | undefined;
  /** At most: whether it may be sent behind another. `undefined`: unknown. */
  readonly peakMs: number | undefined;
  /** In which lane of the queue it waits. */
  readonly lane: Lane;
}

/** What decides whether a call is taken, and where it goes. */
export interface Candidate extends Expectation {
  readonly options: Pick<CheckedOptions, "deadlineMs" | "maxWaitMs" | "group">;
  /**
   * Whether its arguments are moved to the worker and not copied. Such a call shares neither a worker nor a message
   * with others: posting a message takes away what it moves, even if posting fails, and then no call in it can be
   * repeated.
   */
  readonly exclusive: boolean;
  /** Whether it has been started before. Then `maxWaitMs` does not matter any more. */
  started: boolean;
  /** How many workers died while they ran it. */
  deaths: number;
}

/** Makes a candidate without a job: to ask what would happen to a call. */
export function candidate(
  expectation: Expectation,
  { deadlineMs, maxWaitMs, group }: Partial<Candidate["options"]> = {},
): Candidate {
  const options = { deadlineMs, maxWaitMs, group };
  return { ...expectation, options, exclusive: false, started: false, deaths: 0 };
}

/**
 * The pool's record of one call. If it has a `place`, it waits there; if it is `sent`, a worker has it. If neither,
 * it is settled, or its last reports are being read.
 */
export interface Job extends Candidate {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: CheckedOptions;
  readonly trace: CallTrace | undefined;
  /** Passes its reports to `onReport`, if there is one. */
  readonly reportQueue: ReportQueue | undefined;
  readonly submittedAt: number;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
  readonly onAbort: (() => void) | undefined;

  /** Where it stands in the queue. */
  place: Place<Job> | undefined;
  sent: Sent | undefined;
  settled: boolean;
  /** Whether its method threw. */
  failed: boolean;
}

/** What a job is made of, besides the call itself. */
export interface JobParts extends Pick<Job, "id" | "trace" | "submittedAt" | "resolve" | "reject"> {
  readonly expectation: Expectation;
  /** Rejects the call and stops it. */
  readonly abort: (reason: unknown) => void;
}

/** Makes a job of a call whose options and arguments were checked. */
export function newJob(
  method: string,
  args: readonly unknown[],
  options: CheckedOptions,
  { expectation, id, trace, submittedAt, resolve, reject, abort }: JobParts,
): Job {
  const { signal, transfer, onReport } = options;
  // Each field by name: to spread an object here costs half a microsecond.
  return {
    id,
    method,
    args,
    options,
    costMs: expectation.costMs,
    peakMs: expectation.peakMs,
    lane: expectation.lane,
    exclusive: transfer !== undefined && transfer.length > 0,
    trace,
    submittedAt,
    resolve,
    reject,
    reportQueue: onReport && new ReportQueue(onReport, abort),
    onAbort: signal && (() => abort(signal.reason)),
    place: undefined,
    sent: undefined,
    settled: false,
    started: false,
    failed: false,
    deaths: 0,
  };
}

/** A call in the mailbox of a worker: one record for each time that a job is sent. */
export interface Sent {
  readonly job: Job;
  /** The slot whose worker has it. */
  readonly slot: Slot;
  /** Which word of shared memory is its own: see `sending/protocol.ts`. */
  readonly cell: number;
  /** When the watchdog cuts it, in milliseconds from its start; 0: never. */
  readonly limitMs: number;
  /** What goes with it, for the worker to continue its trace. */
  readonly carrier: Call["carrier"];
  /** Microseconds that it may take, and that its method takes on average. */
  readonly costUs: number;
  readonly meanUs: number;
  /** When its worker started it, as far as the pool knows. */
  startedAt: number;
  /** Whether the pool has taken it back. The worker skips it then; if it had run already, a value still counts. */
  withdrawn: boolean;
}
