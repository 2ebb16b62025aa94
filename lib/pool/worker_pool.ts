/**
 * The pool: how CPU-bound work leaves the event loop. The path of one call:
 *
 * ```
 *  queueing/                          workers/   sending/                       inside/, in the worker
 *
 *  call() ─► Dispatcher ─► Admission ─► Slot ─► Mailbox ─► Outbox ── Comlink ─► runner ─► your method
 *                │          refused?      │        sent, not answered               │      current()
 *                │          waits? where? │                                         │
 *  promise ◄─ Settlement ◄─ Outcomes ◄────┴──── Mailbox ◄──────── its answer ◄──────┘
 *             one end only
 * ```
 *
 * - **call** reads and checks what it is given, makes a job and returns its promise.
 * - **Dispatcher** asks the **Admission** where the job goes: to a worker at once, into the queue, or back. A job leaves
 *   the queue by its turn, its caller's abort, or its time.
 * - **Slot** is one of a fixed number of places for a worker; **Mailbox** is what its worker has been sent and has not
 *   answered. What was sent ahead and not started can come back: it goes to the front of the queue.
 * - **Outbox** makes messages of calls, and the **runner** runs them one after the other.
 * - **Outcomes** say what becomes of a job whose run is over; the **Settlement** lets each job end once.
 *
 * All of it but the runner runs on one thread, between two turns of its event loop, except for the cells in shared memory
 * that `sending/protocol.ts` describes. Every number that somebody chose is in `policy.ts`.
 *
 * @module
 */

import type { Backend } from "./backend.ts";
import { requireInteger, requireMs } from "./checks.ts";
import { appendStack } from "./error_codec.ts";
import { OverloadedError, type Refused } from "./errors.ts";
import { healthOf } from "./health.ts";
import { type CallOptions, candidate, type Job } from "./job.ts";
import { Meter } from "./meter.ts";
import {
  type MapOptions,
  readArgs,
  readCallOptions,
  type ResolvedOptions,
  resolveOptions,
  type WorkerPoolOptions,
} from "./options.ts";
import { orderedMap } from "./ordered_map.ts";
import { GRACE_MS } from "./policy.ts";
import { Dispatcher } from "./queueing/dispatcher.ts";
import { Hearing } from "./queueing/hearing.ts";
import { laneOf } from "./queueing/lanes.ts";
import { type CloseOptions, type CloseReport, shutDown } from "./shutdown.ts";
import type { PoolHealth, PoolStats } from "./stats.ts";
import type { Methods } from "./worker.ts";

/** An estimate beyond this says no more, and infinity can't be subtracted again. */
const MAX_COST_MS = 1e9;

/**
 * A fixed number of module Web Workers behind one bounded queue.
 *
 * @example A pool, a call, a deadline
 * ```ts ignore
 * import type { Api } from "./worker.ts";
 *
 * await using pool = new WorkerPool<Api>({
 *   spawn: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
 * });
 * const primes = await pool.call("primesBelow", [1_000_000], { deadlineMs: 5_000 });
 * ```
 *
 * @typeParam Api What the workers serve: methods by name.
 */
export class WorkerPool<Api extends Methods<Api>> implements Backend<Api>, AsyncDisposable {
  /** Never there: TypeScript infers `Api` from it. */
  declare readonly api?: Api;
  readonly #options: ResolvedOptions;
  readonly #meter = new Meter();
  readonly #dispatcher: Dispatcher;
  #closing: Promise<CloseReport> | undefined;

  /**
   * Starts the workers. Calls may be made at once: they wait until a worker is there.
   *
   * @throws {RangeError} If a number is out of range.
   */
  constructor(options: WorkerPoolOptions<Api>) {
    this.#options = resolveOptions(options);
    this.#dispatcher = new Dispatcher(this.#options, this.#meter);
  }

  /** How many slots there are. */
  get size(): number {
    return this.#options.size;
  }

  /**
   * Resolves when every worker takes calls, or has failed while others do.
   *
   * @throws {WorkerCrashedError} (rejects) If no worker can be started.
   * @throws {PoolClosedError} (rejects) If the pool is closed before.
   */
  get ready(): Promise<void> {
    return this.#dispatcher.ready;
  }

  /**
   * Runs a method in a worker. Settles once: with the method's result or own error, or as below. After any
   * rejection the pool is as good as before.
   *
   * @param args The method's arguments; they must be cloneable, and are read when the call is sent: leave
   * them alone until it settles.
   * @throws {TypeError} If `args` is no array, or an option of another type than it must be.
   * @throws {RangeError} If an option is out of range. Nothing is kept of the call then.
   * @throws {OverloadedError} If the queue is full, or the call's turn would come or has come too late.
   * @throws {DeadlineExceededError} If it was started and not done within `deadlineMs`.
   * @throws {WorkerCrashedError} If its worker died, or no worker can be started.
   * @throws {PoolClosedError} If the pool is closed, or was closed before the call was done.
   * @throws {DOMException} `DataCloneError`, if arguments or result can't be cloned.
   * @throws The reason of `options.signal`.
   */
  async call<Name extends keyof Api & string>(
    method: Name,
    args: Parameters<Api[Name]>,
    options: CallOptions = {},
  ): Promise<Awaited<ReturnType<Api[Name]>>> {
    // Whatever can throw does so here, before anything is kept of the call.
    if (typeof method !== "string") throw new TypeError("method must be a string");
    const checked = readCallOptions(options);
    const { signal, estimateMs, transfer, onReport } = checked;
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Api[Name]>>>();
    const job: Job = {
      method,
      args: readArgs(args),
      options: checked,
      costMs: atMost(MAX_COST_MS, estimateMs ?? this.#meter.meanMs(method)),
      lane: laneOf(estimateMs ?? this.#meter.leastMs(method)),
      peakMs: atMost(MAX_COST_MS, estimateMs ?? this.#meter.peakMs(method)),
      exclusive: transfer !== undefined && transfer.length > 0,
      trace: this.#options.tracer?.(method),
      submittedAt: this.#options.clock.now(),
      // Last: what throws before it was no call.
      id: this.#meter.called(),
      resolve,
      reject,
      hearing: onReport &&
        new Hearing(onReport, (error) => this.#dispatcher.stop(job, "aborted", error)),
      onAbort: signal && (() => this.#dispatcher.stop(job, "aborted", signal.reason)),
      place: undefined,
      sent: undefined,
      settled: false,
      started: false,
      failed: false,
      deaths: 0,
    };
    this.#dispatcher.submit(job);
    try {
      return await promise;
    } catch (error) {
      // Here and not above: a stack captured for each call would cost it 3 µs. It shows who awaits, which
      // V8 finds out for nothing; who does not await at once is not in it.
      if (job.failed) {
        const waiting: { stack?: string } = {};
        Error.captureStackTrace?.(waiting, this.call);
        appendStack(error, waiting.stack);
      }
      throw error;
    }
  }

  /**
   * Runs a method once for each element of a source: several calls at a time, results in the order of the
   * source. Where the queue is full, it waits for room. See {@linkcode orderedMap} for what happens when the consumer stops or a call fails.
   *
   * @param source The arguments of each call, pulled only as far ahead as `concurrency` goes.
   * @throws {RangeError} If `concurrency` is not an integer of at least 1.
   */
  map<Name extends keyof Api & string>(
    method: Name,
    source: Iterable<Parameters<Api[Name]>> | AsyncIterable<Parameters<Api[Name]>>,
    options: MapOptions = {},
  ): AsyncGenerator<Awaited<ReturnType<Api[Name]>>, void, void> {
    const { concurrency = 2 * this.size, signal, ...callOptions } = options;
    requireInteger("concurrency", concurrency, 1);
    return orderedMap(
      source,
      (args, signal) => this.#callWithRoom(method, args, { ...callOptions, signal }),
      { concurrency, signal },
    );
  }

  /** A long iteration must not fail because others fill the queue now and then: it waits for its turn to queue up. */
  async #callWithRoom<Name extends keyof Api & string>(
    method: Name,
    args: Parameters<Api[Name]>,
    options: CallOptions,
  ): Promise<Awaited<ReturnType<Api[Name]>>> {
    while (true) {
      await this.room(options);
      try {
        return await this.call(method, args, options);
      } catch (error) {
        // Others took the last place first, or took this one's.
        const isOut = error instanceof OverloadedError && error.reason !== "wait";
        if (!isOut || this.#closing) throw error;
      }
    }
  }

  /**
   * Waits until a call would not be refused for a full queue, if it is made at once then. It may still be refused because
   * it would wait too long.
   *
   * @param options `signal`: ends the waiting.
   * @throws The reason of `options.signal`.
   */
  room({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#dispatcher.room(signal);
  }

  /**
   * Rejects all calls that have not been started, as if their callers had aborted them; what runs goes on.
   *
   * @param reason What they are rejected with. Default: an `AbortError`.
   * @returns How many calls that were.
   */
  cancelWaiting(
    reason: unknown = new DOMException("Call was cancelled while it waited", "AbortError"),
  ): number {
    return this.#dispatcher.cancelWaiting(reason);
  }

  /**
   * {@linkcode Backend.refusal}: whether a call made now would be refused. Its arguments decide nothing here.
   *
   * @param options As for {@linkcode call}, and right: they are not checked.
   */
  refusal<Name extends keyof Api & string>(
    method: Name,
    _args: Parameters<Api[Name]>,
    options: Pick<CallOptions, "estimateMs" | "deadlineMs" | "maxWaitMs" | "group"> = {},
  ): Refused | undefined {
    const { estimateMs } = options;
    const refused = this.#dispatcher.refusal(candidate({
      costMs: estimateMs ?? this.#meter.meanMs(method),
      peakMs: estimateMs ?? this.#meter.peakMs(method),
      lane: laneOf(estimateMs ?? this.#meter.leastMs(method)),
      options,
    }));
    if (!refused) return undefined;
    this.#meter.called();
    this.#meter.ended("refused");
    this.#meter.refused(refused.reason);
    return refused;
  }

  /** How many calls wait in the queue now: {@linkcode stats} tells more, and costs more. */
  get waiting(): number {
    return this.#dispatcher.waiting;
  }

  /** Whether calls wait, or none may. */
  get isBusy(): boolean {
    return this.#dispatcher.waiting > 0 || this.#dispatcher.isFull;
  }

  /** Tells whether the pool works. Takes as long with many workers as with few: health checks may ask at any rate. */
  health(): PoolHealth {
    const known = this.#dispatcher.health();
    return { ...known, ...healthOf(known) };
  }

  /** Takes a snapshot of the pool: of each slot, and of all that was counted and timed. */
  stats(): PoolStats {
    const { totals, ...times } = this.#meter.snapshot();
    const { slots, wedged, ...rest } = this.#dispatcher.stats();
    const restarts = slots.reduce((sum, slot) => sum + slot.restarts, 0);
    return { size: this.size, slots, ...rest, totals: { ...totals, restarts, wedged }, ...times };
  }

  /**
   * Closes the pool for good; {@linkcode shutDown} lists the steps. From now on calls are rejected. To call
   * it again changes nothing.
   *
   * @returns What was left, when all is done. Does not reject.
   * @throws {RangeError} If `graceMs` is not a duration.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    const { graceMs = GRACE_MS, terminate = true } = options;
    requireMs("graceMs", graceMs);
    const { cancelGraceMs, clock } = this.#options;
    return this.#closing ??= shutDown(this.#dispatcher, graceMs, cancelGraceMs, terminate, clock);
  }

  /** {@linkcode close} with its default grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function atMost(max: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(value, max);
}
