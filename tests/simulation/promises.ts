/**
 * What a pool promises, as seen from outside: by its callers, its workers and its numbers.
 *
 * @module
 */

import { type CallPlan, seesSilentDeaths, type Settings } from "./plan.ts";
import { LAST_ANSWERS_MS, type SimulatedWorker } from "./simulated_worker.ts";
import type { World } from "./world.ts";
import type { PoolStats, WorkerPool } from "../../lib/pool/mod.ts";
import type { Api } from "./methods.ts";

/** Timers are set in whole milliseconds, upwards. */
const TIMER_MS = 1 + 1e-6;

/** Where there are no locks, a pool looks so often whether its workers live. */
const ROLL_CALL_MS = 1_000;

/** One call, from outside. */
export interface Made {
  readonly id: number;
  readonly plan: CallPlan;
  readonly at: number;
  readonly controller: AbortController;
  /** What it is aborted with. */
  readonly reason: Error;
  abortedAt?: number;
  /** When it was cancelled while it waited. */
  cancelledAt?: number;
  settledAt?: number;
  value?: unknown;
  /** The worker in which its method has returned last. */
  finishedBy?: SimulatedWorker;
  finishedAt?: number;
  /** The workers that started it. */
  readonly runs: SimulatedWorker[];
  /** How often the pool has told that a run of it is over. */
  over: number;
  /** What it has reported. */
  readonly told: unknown[];
  /** How many of these its listener is not done with. */
  reading: number;
  /** Listeners that wait for its abort. */
  readonly listeners: Set<unknown>;
}

/** Looks at everything after each step, and says what was broken. */
export class Promises {
  readonly #settings: Settings;
  readonly #world: () => World;
  readonly made: Made[] = [];
  /** When `close()` was called first. */
  closedAt: number | undefined;

  constructor(settings: Settings, world: () => World) {
    this.#settings = settings;
    this.#world = world;
  }

  /** All that waits is about to be cancelled. */
  cancelled(): void {
    const now = this.#world().clock.now();
    for (const call of this.made) {
      const waits = call.settledAt === undefined && call.runs.length === 0;
      if (waits && !this.#mayBeUnseen(call.plan)) call.cancelledAt ??= now;
    }
  }

  /** A worker has started a call. */
  started(id: number, worker: SimulatedWorker): void {
    const call = this.made[id];
    const { plan, runs } = call;
    if (call.settledAt !== undefined && runs.length === 0 && !this.#mayBeUnseen(plan)) {
      this.#fail(`call ${id} was settled while it waited, and was started`);
    }
    runs.push(worker);
    if (!worker.isServing) {
      this.#fail(`call ${id} was started before its worker was set up`);
    }
    if (this.closedAt !== undefined && call.at > this.closedAt) {
      this.#fail(`call ${id} was made after the pool was closed, and was started`);
    }
    if (runs.length > 1 && (!plan.pure || plan.args === "moved")) {
      this.#fail(`call ${id} may not be repeated, and was started ${runs.length} times`);
    }
    const earlier = this.made.findLast((made, other) =>
      other < id && made.runs.length === 0 && isAlike(made.plan, plan)
    );
    if (this.#settings.size === 1 && runs.length === 1 && earlier && this.#waits(earlier)) {
      this.#fail(`call ${id} was started before call ${earlier.id}`);
    }
  }

  /** A method has returned in its worker. */
  finished(id: number, worker: SimulatedWorker): void {
    const call = this.made[id];
    call.finishedBy = worker;
    call.finishedAt = worker.localNow;
  }

  /** A call has something to report. */
  told(call: Made, value: unknown): void {
    if (call.settledAt !== undefined) this.#fail(`call ${call.id} told ${value} after its end`);
    if (call.reading > 0) this.#fail(`call ${call.id} told ${value} while its listener read`);
    call.told.push(value);
  }

  /** A call has been made. @param waiting How many waited before it was. */
  called(pool: WorkerPool<Api>, waiting: number): void {
    if (pool.stats().queue.length > waiting && waiting >= this.#settings.maxQueue) {
      this.#fail(`${waiting} calls waited, and another was let in`);
    }
  }

  /** A call has a value. */
  resolved(call: Made, value: unknown): void {
    this.#settled(call);
    const { id, plan, runs } = call;
    const found = value instanceof Uint8Array ? value[0] : value;
    if (found !== id % (value instanceof Uint8Array ? 256 : Infinity)) {
      this.#fail(`call ${id} has the value ${value}`);
    }
    if (runs.length === 0) this.#fail(`call ${id} has a value and was never started`);
    if (plan.work.kind === "tell" && plan.reports) {
      const expected = plan.reports === "all" ? "1,2" : "2";
      // The latest one does not wait for a listener that is busy.
      const mayBeDropped = plan.reports === "latest" && plan.readsSlowly;
      const isTold = runs.length > 1 || mayBeDropped || call.told.join().endsWith(expected);
      if (!isTold) this.#fail(`call ${id} told ${call.told}, not ${expected}`);
      if (plan.reports === "all" && call.reading > 0) {
        this.#fail(`call ${id} has a value before its listener has read all`);
      }
    }
    if (["fail", "unclonable", "unknown"].includes(plan.work.kind)) {
      this.#fail(`call ${id} can't have a value`);
    }
  }

  /** A call was rejected. */
  rejected(call: Made, error: unknown): void {
    this.#settled(call);
    const complaint = this.#complaint(call, error);
    if (complaint) this.#fail(`call ${call.id} was rejected with ${error}: ${complaint}`);
  }

  /** The pool is about to terminate a worker. */
  beforeTerminate(worker: SimulatedWorker): void {
    if (worker.ended || worker.terminated || worker.failed) return;
    if (this.closedAt !== undefined) return;
    const name = `worker ${worker.number}`;
    const now = this.#world().clock.now();
    if (worker.isServing) {
      if (worker.isIdle) this.#fail(`${name} had done all that it was told to, and was terminated`);
      const mayStop = (id: number) => {
        const { settledAt = Infinity } = this.made[id];
        return settledAt + this.#settings.cancelGraceMs <= now + TIMER_MS;
      };
      // Without shared memory a call can't be taken back, and whether it runs is not to be seen.
      if (this.#settings.shared) {
        if (![...worker.running].some(({ id }) => mayStop(id))) {
          this.#fail(`${name} had been told to stop nothing for long enough, and was terminated`);
        }
        if (worker.isUntold) this.#fail(`${name} had not been told to stop, and was terminated`);
      }
    } else if (now - worker.spawnedAt < START_TIMEOUT_MS - TIMER_MS) {
      this.#fail(`${name} was terminated while it was loading`);
    }
  }

  /** After each step, when all promises that can settle have. */
  check(pool: WorkerPool<Api>): void {
    const { size, slots, queue, totals } = pool.stats();
    const { calls, restarts: _, wedged, ...ends } = totals;
    const unsettled = this.made.filter(({ settledAt }) => settledAt === undefined);
    const ended = Object.values(ends).reduce((sum, count) => sum + count, 0);
    this.#is("calls made", calls, this.made.length);
    this.#is("calls ended", ended, this.made.length - unsettled.length);
    this.#is("calls done, by slot", sumOf(slots, "done"), totals.done);
    if (sumOf(slots, "failed") > totals.failed) {
      this.#fail(`${totals.failed} calls have failed, and more by slot`);
    }
    const inFlight = slots.reduce((sum, slot) => sum + slot.inFlight, 0);
    const read = unsettled.filter(({ reading }) => reading > 0).length;
    const known = queue.length + inFlight + read;
    if (unsettled.length < queue.length || unsettled.length > known) {
      this.#fail(
        `${unsettled.length} calls are unsettled, ${queue.length} wait, ${inFlight} are sent, ${read} read`,
      );
    }
    if (slots.length !== size) this.#fail(`there are ${slots.length} slots, not ${size}`);
    const idle = slots.some(({ state }) => state === "idle");
    // A long call waits beside one, lest short ones wait for it.
    const mayStart = size > 1 ? queue.length - queue.long : queue.length;
    if (idle && mayStart > 0) this.#fail(`${mayStart} calls wait beside an idle worker`);
    const free = slots.filter(({ state }) => state === "idle").length;
    if (free > 1 && queue.long > 0) {
      this.#fail(`${queue.long} long calls wait beside ${free} idle workers`);
    }
    for (const { state, inFlight, slot } of slots) {
      if (state === "idle" && inFlight > 0) this.#fail(`slot ${slot} is idle and has ${inFlight}`);
    }
    const { predictedWaitMs } = queue;
    if (!(predictedWaitMs >= 0 && predictedWaitMs < Infinity)) {
      this.#fail(`a call would wait for ${predictedWaitMs} ms`);
    }
    const { workers, locks } = this.#world();
    const live = workers.filter(({ ended, terminated }) => !ended && !terminated).length;
    const strays = workers.filter(({ ended, terminated }) => terminated && !ended).length;
    if (live > size) this.#fail(`there are ${live} live workers`);
    // Where it can't be seen to run on, a terminated thread is taken for dead.
    if (seesSilentDeaths(this.#settings) && live + strays > size + this.#settings.maxWedged) {
      this.#fail(`${live} workers were started beside ${strays} wedged threads`);
    }
    // Without locks it takes a while until the end of one is noticed: see below.
    if (this.#settings.locks && wedged > strays + locks.news) {
      this.#fail(`${wedged} wedged threads are counted, ${strays} run on`);
    }
    const left = unsettled.find(({ abortedAt }) => abortedAt !== undefined);
    if (left) this.#fail(`call ${left.id} was aborted and is not settled`);
    const waits = unsettled.find(({ cancelledAt }) => cancelledAt !== undefined);
    if (waits) this.#fail(`call ${waits.id} was cancelled while it waited, and is not settled`);
  }

  /** After time has passed on which the pool's thread was free. */
  checkDeadlines(): void {
    const { clock, workers } = this.#world();
    const now = clock.now();
    // A worker that is dead and not known to be may have been sent it.
    const mayBeStuck = workers.some(({ ended, dropped }) => ended && !dropped);
    for (const { id, at, plan, settledAt, runs } of this.made) {
      if (settledAt !== undefined) continue;
      const { deadlineMs = Infinity, maxWaitMs = Infinity } = plan;
      if (now > at + deadlineMs + TIMER_MS) {
        this.#fail(`call ${id} is unsettled ${now - at} ms after it was made, not ${deadlineMs}`);
      }
      const isSeen = !this.#mayBeUnseen(plan) && !mayBeStuck;
      if (runs.length === 0 && isSeen && now > at + maxWaitMs + TIMER_MS) {
        this.#fail(`call ${id} still waits ${now - at} ms after it was made, not ${maxWaitMs}`);
      }
    }
  }

  /** After time has passed on which the pool's thread was free. */
  checkDeaths(pool: WorkerPool<Api>): void {
    const { workers, clock, freeSince } = this.#world();
    const now = clock.now();
    const noticedMs = (this.#settings.locks ? 0 : ROLL_CALL_MS) + 2 * TIMER_MS;
    for (const { number, isServing, endedAt = Infinity, heardAt, dropped } of workers) {
      const deadMs = now - Math.max(endedAt, heardAt, freeSince);
      if (isServing && !dropped && deadMs > noticedMs + LAST_ANSWERS_MS) {
        this.#fail(`worker ${number} has been dead for ${deadMs} ms, and nobody has noticed`);
      }
    }
    const wedged = workers.filter(({ terminated, endedAt = Infinity }) =>
      terminated && now - Math.max(endedAt, freeSince) <= noticedMs
    );
    if (pool.stats().totals.wedged > wedged.length) {
      this.#fail(`more than ${wedged.length} wedged threads are counted`);
    }
  }

  /** When everything has come to rest. */
  checkRuns(): void {
    for (const { id, plan, runs, over } of this.made) {
      if (this.#mayBeUnseen(plan)) continue;
      this.#is(`runs of call ${id} that are told to be over`, over, runs.length);
    }
  }

  /** Whether it is a call's turn before those that were made after it. One that was lost once comes last. */
  #waits({ settledAt, runs, over, plan }: Made): boolean {
    return settledAt === undefined && runs.length + over === 0 && plan.args !== "unclonable" &&
      plan.work.kind !== "unknown";
  }

  /** Whether a call's worker has told its answer: those that take time do so at once, and by themselves. */
  #isAnswered({ plan, finishedBy }: Made): boolean {
    const isTold = ["hold", "deaf", "wait", "heed"].includes(plan.work.kind);
    return isTold && finishedBy !== undefined && !finishedBy.ended && !finishedBy.terminated;
  }

  /**
   * Whether a worker may have a call that it was never seen to start: what was moved to it, or sent without shared
   * memory, can't be taken back; a method that doesn't exist is looked for, and never started.
   */
  #mayBeUnseen({ args, work }: CallPlan): boolean {
    return args === "moved" || work.kind === "unknown" || !this.#settings.shared;
  }

  #settled(call: Made): void {
    if (call.settledAt !== undefined) this.#fail(`call ${call.id} was settled twice`);
    call.settledAt = this.#world().clock.now();
  }

  /** @returns Why a call can't have been rejected with this. */
  #complaint(call: Made, error: unknown): string | undefined {
    const { id, plan, at, runs, abortedAt, reason, finishedBy } = call;
    const now = this.#world().clock.now();
    const { deadlineMs: byCaller = Infinity, maxRunMs = Infinity, work, args } = plan;
    const deadlineMs = Math.min(byCaller, maxRunMs);
    const name = error instanceof Error || error instanceof DOMException ? error.name : "no error";
    if (error === reason) return abortedAt === undefined ? "it was not aborted" : undefined;
    // At the same moment either may have been first.
    if (abortedAt !== undefined && abortedAt < now) return "it was aborted before";
    switch (name) {
      case "CancelledError":
        // A pure call that has run once may wait again.
        return runs.length > 0 && !plan.pure ? "it had been started" : undefined;
      case "OverloadedError":
        return runs.length > 0 ? "it had been started" : undefined;
      case "DeadlineExceededError":
        if (runs.length === 0 && !this.#mayBeUnseen(plan)) return "it had never been started";
        if (this.#isAnswered(call) && call.finishedAt! < at + deadlineMs) {
          return "it had been answered in time";
        }
        return now < at + deadlineMs ? "its deadline had not passed" : undefined;
      case "WorkerCrashedError": {
        const isDead = ({ ended, terminated }: SimulatedWorker) => ended || terminated;
        if (runs.length > 0 && !runs.some(isDead)) return "no worker that ran it has died";
        // Without shared memory nobody knows that it had.
        if (this.#settings.shared && finishedBy?.lostWords) return "its worker had answered";
        if (runs.length > 0) return undefined;
        const { workers } = this.#world();
        if (this.#mayBeUnseen(plan) && workers.some(isDead)) return undefined;
        return workers.every((worker) => !worker.isServing || isDead(worker))
          ? undefined
          : "there was a worker for it";
      }
      case "PoolClosedError":
        return this.closedAt === undefined ? "the pool was open" : undefined;
      case "DataCloneError":
        return args === "unclonable" || work.kind === "unclonable" ? undefined : "it is clonable";
      case "RangeError":
        if ((error as Error).message !== `call ${id}`) return "it is another call's error";
        return work.kind === "fail" ? undefined : "it doesn't throw";
      case "TypeError":
        return work.kind === "unknown" ? undefined : "its method exists";
      default:
        return "nobody throws that";
    }
  }

  #is(what: string, found: number, expected: number): void {
    if (found !== expected) this.#fail(`${what}: ${found}, not ${expected}`);
  }

  #fail(message: string): void {
    this.#world().fail(message);
  }
}

/** Whether two calls are to be started in their order: those of one group and one lane are. */
function isAlike(one: CallPlan, other: CallPlan): boolean {
  const [a, b] = [one.estimateMs, other.estimateMs];
  return a !== undefined && b !== undefined && a >= LONG_MS === b >= LONG_MS &&
    one.group === other.group;
}

/** Calls that are expected to take so long wait apart. */
const LONG_MS = 10;

function sumOf(slots: PoolStats["slots"], key: "done" | "failed"): number {
  return slots.reduce((sum, slot) => sum + slot[key], 0);
}

/** How long the simulated pools let a worker load. */
export const START_TIMEOUT_MS = 500;
