/**
 * The pool moves CPU-bound work off the event loop. The path of one call:
 *
 * ```
 *  queueing/                              workers/   sending/                         inside/, in the worker
 *
 *  taken? waits? which slot?
 *             Admission
 *                ▲ │
 *                │ ▼
 *  call() ─► Dispatcher ──────────────────► Slot ───► Mailbox ───► Outbox ── Comlink ─► runner ─► your method
 *                                                                                         │      current()
 *                                                                                         │
 *             Outcomes ◄─────────────────── Slot ◄─── Mailbox ◄───────────── Comlink ◄───┘
 *                │  done? again?                                          its answer
 *                ▼
 *  promise ◄─ Settlement: one end only
 * ```
 *
 * - `call` checks its arguments, makes a **job** (the pool's record of one call) and returns a promise.
 * - The **Dispatcher** asks the **Admission** where the job goes: to a worker at once, into the queue, or back to the
 *   caller, refused. The queue has two **lanes**, for short and for long calls; in each, groups of callers take
 *   **turns**. A waiting job is sent when its turn comes, or leaves when it is aborted or its time is over.
 * - A **Slot** is one of a fixed number of places for a worker. Its **Mailbox** holds what the worker has been sent
 *   and has not answered. What was not started can be taken back: it returns to the front of the queue.
 * - The **Outbox** puts calls into messages, and the **runner** runs them one after the other.
 * - The **Supervisor** keeps the slots: it starts their workers, and replaces those that die.
 * - The **Timekeeper** ends jobs whose time is over. **Outcomes** decide what becomes of a job after its run. The
 *   **Settlement** lets each job end only once.
 *
 * Everything but the runner is on the pool's own thread, so nothing there can race. Only the cells in shared memory are
 * changed by both threads: see `sending/protocol.ts`. Every number of its policy is in `policy.ts`.
 *
 * @module
 */

import type { Backend } from "./backend.ts";
import { requireInteger, requireMs } from "./checks.ts";
import { deferred } from "./deferred.ts";
import { appendCallers } from "./error_codec.ts";
import { CancelledError, DeadlineExceededError, OverloadedError, type Refused } from "./errors.ts";
import { type CallOptions, type Candidate, candidate, newJob } from "./job.ts";
import { Meter } from "./meter.ts";
import {
  type MapOptions,
  type PoolObserver,
  readArgs,
  readCallOptions,
  type ResolvedOptions,
  resolveOptions,
  type RoomOptions,
  type WorkerPoolOptions,
} from "./options.ts";
import { orderedMap } from "./ordered_map.ts";
import { GRACE_MS } from "./policy.ts";
import { Dispatcher } from "./queueing/dispatcher.ts";
import { type CloseOptions, type CloseReport, shutDown } from "./shutdown.ts";
import { poolHealth, poolStats } from "./snapshot.ts";
import type { PoolHealth, PoolStats } from "./stats.ts";
import type { ArgsOf, Methods, ResultOf } from "./methods.ts";

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
  /** Always undefined. TypeScript infers `Api` from it. */
  declare readonly api?: Api;
  readonly #options: ResolvedOptions;
  readonly #meter = new Meter();
  readonly #dispatcher: Dispatcher;
  #closing: Promise<CloseReport> | undefined;
  /** How many slots there are. */
  readonly size: number;
  /**
   * Resolves when every worker takes calls, or has failed while others do.
   *
   * @throws {WorkerCrashedError} (rejects) If no worker can be started.
   * @throws {PoolClosedError} (rejects) If the pool is closed before.
   */
  readonly ready: Promise<void>;

  /**
   * Starts the workers. Calls may be made at once: they wait until a worker is ready.
   *
   * @throws {RangeError} If a number is out of range.
   */
  constructor(options: WorkerPoolOptions<Api>) {
    this.#options = resolveOptions(options);
    this.#dispatcher = new Dispatcher(this.#options, this.#meter);
    this.size = this.#options.size;
    this.ready = this.#dispatcher.supervisor.ready;
  }

  /**
   * Runs a method in a worker. Settles once: with the method's result or own error, or as below. A
   * rejection leaves the pool usable.
   *
   * @param args The method's arguments; they must be cloneable, and are read when the call is sent: leave
   * them alone until it settles.
   * @throws {TypeError} If `args` is no array, or an option has a wrong type.
   * @throws {RangeError} If an option is out of range. Nothing is kept of the call then.
   * @throws {OverloadedError} If the queue is full, or the call would wait or has waited for too long.
   * @throws {DeadlineExceededError} If it was started and not done within `deadlineMs`.
   * @throws {WorkerCrashedError} If its worker died, or no worker can be started.
   * @throws {PoolClosedError} If the pool is closed, or was closed before the call was done.
   * @throws {DOMException} `DataCloneError`, if arguments or result can't be cloned.
   * @throws The reason of `options.signal`.
   */
  async call<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    method: Name,
    args: ArgsOf<Api[Name], Args>,
    options: CallOptions = {},
  ): Promise<ResultOf<Api[Name], Args>> {
    // Whatever can throw does so here, before anything is kept of the call.
    if (typeof method !== "string") throw new TypeError("method must be a string");
    const { promise, resolve, reject } = deferred<ResultOf<Api[Name], Args>>();
    const checked = readCallOptions(options);
    const job = newJob(method, readArgs(args), checked, {
      expectation: this.#meter.expect(method, checked.estimateMs),
      trace: this.#options.tracer?.(method),
      submittedAt: this.#options.clock.now(),
      // Last: if anything before throws, the call must not be counted.
      id: this.#meter.called(),
      // A cache that wraps the pool has deadlines of its own, and aborts by them.
      abort: (reason) => {
        const isDeadline = reason instanceof DeadlineExceededError;
        this.#dispatcher.stop(job, isDeadline ? "expired" : "aborted", reason);
      },
      resolve,
      reject,
    });
    this.#dispatcher.submit(job);
    try {
      return await promise;
    } catch (error) {
      // Captured here, because to capture it for each call would cost 3 µs. After an await, V8 shows the awaiting
      // callers at no cost. A caller that did not await at once is not among them.
      if (job.failed) appendCallers(error, this.call);
      throw error;
    }
  }

  /**
   * Runs a method once for each element of a source: several calls at a time, results in the order of the
   * source. If the queue is full, it waits for room. See {@linkcode orderedMap} for what happens when the consumer
   * stops or a call fails.
   *
   * @param source The arguments of each call, pulled only as far ahead as `concurrency` goes.
   * @throws {RangeError} If `concurrency` is not an integer of at least 1.
   */
  map<Name extends keyof Api & string, Args extends ArgsOf<Api[Name]>>(
    method: Name,
    source: Iterable<ArgsOf<Api[Name], Args>> | AsyncIterable<ArgsOf<Api[Name], Args>>,
    options: MapOptions = {},
  ): AsyncGenerator<ResultOf<Api[Name], Args>, void, void> {
    const { concurrency = 2 * this.size, signal, ...callOptions } = options;
    requireInteger("concurrency", concurrency, 1);
    // Waits for room as often as needed: a long iteration must not fail because others fill the queue.
    const call = async (
      args: ArgsOf<Api[Name], Args>,
      signal: AbortSignal,
    ): Promise<ResultOf<Api[Name], Args>> => {
      while (true) {
        await this.room({ ...callOptions, signal, method });
        try {
          return await this.call(method, args, { ...callOptions, signal });
        } catch (error) {
          // Another call took the last place, or replaced this one in the full queue.
          const isOut = error instanceof OverloadedError && error.reason !== "wait";
          if (!isOut || this.#closing) throw error;
        }
      }
    };
    return orderedMap(source, call, { concurrency, signal });
  }

  /**
   * Resolves when the queue has room for a call. Call at once then, before others do. The call may still be refused
   * because it would wait too long. Also resolves when no call will ever be taken.
   *
   * @param options `signal` ends the waiting. `method`, `estimateMs` and `group` are those of the call to be made: for a
   * long one the last idle worker is no room. Default: a short call of no group.
   * @throws The reason of `options.signal`.
   */
  room(options: RoomOptions<Api> = {}): Promise<void> {
    return this.#dispatcher.room(this.#candidate(options.method, options), options.signal);
  }

  /**
   * Rejects all calls that have not been started, as if their callers had aborted them; what runs goes on.
   *
   * @param reason What they are rejected with. Default: a {@linkcode CancelledError}.
   * @returns How many calls that were.
   */
  cancelWaiting(
    reason: unknown = new CancelledError("Call was cancelled while it waited"),
  ): number {
    return this.#dispatcher.cancelWaiting(reason);
  }

  /**
   * Returns whether a call made now would be refused: see {@linkcode Backend.refusal}. Its arguments don't matter.
   *
   * @param options As for {@linkcode call}. They are not checked.
   */
  refusal<Name extends keyof Api & string>(
    method: Name,
    _args: ArgsOf<Api[Name]>,
    options: Pick<CallOptions, "estimateMs" | "deadlineMs" | "maxWaitMs" | "group"> = {},
  ): Refused | undefined {
    return this.#dispatcher.refusal(this.#candidate(method, options));
  }

  #candidate(method: string | undefined, options: CallOptions): Candidate {
    return candidate(this.#meter.expect(method, options.estimateMs), options);
  }

  /** Tells one more observer of runs and of what happens to workers: see {@linkcode Backend.observe}. */
  observe(observer: PoolObserver): void {
    this.#options.observers.push(observer);
  }

  /** Whether calls wait, or none may wait. */
  get isBusy(): boolean {
    const { lanes, isFull } = this.#dispatcher.admission;
    return lanes.length > 0 || isFull;
  }

  /** Returns whether the pool works. It costs the same with many workers as with few: ask as often as you like. */
  health(): PoolHealth {
    return poolHealth(this.#dispatcher);
  }

  /** Takes a snapshot of the pool: of each slot, and of all that was counted and timed. */
  stats(): PoolStats {
    return poolStats(this.#dispatcher, this.#meter);
  }

  /**
   * Closes the pool for good; {@linkcode shutDown} lists the steps. From now on calls are rejected. Closing
   * it again changes nothing.
   *
   * @returns Resolves to what was left, when the last step is done. Does not reject.
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
