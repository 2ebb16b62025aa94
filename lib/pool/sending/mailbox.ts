import type { Clock } from "../clock.ts";
import type { Job, Sent } from "../job.ts";
import { ROOM_MS, TAKE_BACK_AFTER_MS } from "../policy.ts";
import type { Slot } from "../workers/slot.ts";
import type { WorkerHandle } from "../workers/worker_handle.ts";
import { Cells } from "./cells.ts";
import { Outbox } from "./outbox.ts";
import { type Answer, type Call, type Packed, unpackAnswers } from "./protocol.ts";

/** A call that has come back from its worker, and how its run ended. */
export interface Returned {
  readonly sent: Sent;
  readonly answer: Answer;
}

/**
 * What one worker has been sent and has not answered: the call that it runs, and a few behind it if they are short.
 * The pool can take back what is not started, by a compare-and-exchange in shared memory that only one side wins. So
 * a call in a mailbox can leave as freely as one in the queue. Where memory isn't shared, nothing is taken back, and
 * so nothing is sent ahead.
 */
export class Mailbox {
  readonly #slot: Slot;
  readonly #worker: WorkerHandle;
  readonly #clock: Clock;
  readonly #tookBack: (jobs: Job[]) => void;
  readonly #cells: Cells;
  /** By cell, in the order in which they were sent and are run: the worker is on the first. */
  readonly #sent = new Map<number, Sent>();
  readonly #outbox: Outbox;
  /** How long the calls may take. In whole microseconds: fractions would leave a remainder when subtracted. */
  #loadUs = 0;
  /** How long they take on average, in microseconds. */
  #meanUs = 0;
  /** The first call runs for too long, or has been told to stop: nothing is sent behind it. */
  #isBlocked = false;
  #cancelTakeBackTimer: (() => void) | undefined;

  /**
   * @param tookBack Called with the calls that were taken back because the first one takes long. Nothing more is sent
   * behind it then.
   */
  constructor(slot: Slot, worker: WorkerHandle, clock: Clock, tookBack: (jobs: Job[]) => void) {
    this.#slot = slot;
    this.#worker = worker;
    this.#clock = clock;
    this.#tookBack = tookBack;
    this.#cells = new Cells(worker);
    this.#outbox = new Outbox(worker);
  }

  /** Calls sent and not answered, withdrawn ones included. */
  get size(): number {
    return this.#sent.size;
  }

  /** The call the worker is on, or comes to next. */
  get head(): Sent | undefined {
    return this.#sent.values().next().value;
  }

  /** When the worker will have done what it was sent, by estimate; now, if it has nothing. */
  get endsAt(): number {
    const head = this.head;
    return head ? head.startedAt + this.#meanUs / 1000 : this.#clock.now();
  }

  /** Milliseconds of work that it was sent and has not answered, at most. */
  get loadMs(): number {
    return this.#loadUs / 1000;
  }

  /** Whether another call can be sent. One of unknown cost has a worker for itself. */
  get hasRoom(): boolean {
    return this.#sent.size === 0 ||
      !this.#isBlocked && this.#cells.hasFree && this.#loadUs < inUs(ROOM_MS);
  }

  /** Whether a call has run and its answer has not been read. */
  get awaitsAnswer(): boolean {
    return [...this.#sent.values()].some(({ cell, withdrawn }) =>
      !withdrawn && this.#cells.hasRun(cell)
    );
  }

  /**
   * Sends a call that there is room for.
   *
   * @param limitMs When the watchdog cuts it; 0: never.
   */
  send(job: Job, limitMs: number, now: number, carrier: Call["carrier"]): Sent {
    const sent: Sent = {
      job,
      cell: this.#cells.take(),
      slot: this.#slot,
      limitMs,
      carrier,
      costUs: inUs(job.exclusive || job.deaths > 0 ? undefined : job.peakMs),
      meanUs: inUs(job.costMs),
      startedAt: now,
      withdrawn: false,
    };
    this.#sent.set(sent.cell, sent);
    this.#loadUs += sent.costUs;
    this.#meanUs += sent.meanUs;
    this.#outbox.push(sent);
    if (this.#sent.size > 1) this.#watchHead();
    return sent;
  }

  /**
   * Withdraws a call that nobody waits for any more, or tells its worker to stop it.
   *
   * @returns Whether the worker has to stop it. False if the worker will skip the call, has run it already, or was
   * replaced.
   */
  cancel(sent: Sent): boolean {
    if (!this.#holds(sent) || this.#withdraw(sent, true)) return false;
    if (!this.#cells.cancel(sent.cell)) return false;
    this.#isBlocked = true; // Nobody knows how long it takes to stop.
    this.#worker.stop(sent.cell);
    return true;
  }

  /** The call in a cell; `undefined` if there is none any more. */
  of(cell: number): Sent | undefined {
    return this.#sent.get(cell);
  }

  /** A report of a call was read. */
  read(sent: Sent): void {
    // The cell may be another call's by now.
    if (this.#holds(sent)) this.#cells.read(sent.cell);
  }

  /** Takes out the calls that the worker has answered. */
  answered(answers: Packed<Answer>): Returned[] {
    const now = this.#clock.now();
    const returned: Returned[] = [];
    let startedAt = 0;
    for (const answer of unpackAnswers(answers)) {
      const sent = this.#sent.get(answer.cell);
      // Missing if the call was settled as lost, and its dead worker's last message arrives now.
      if (!sent) continue;
      // The calls of one message ran one after the other: each started when the one before had ended.
      sent.startedAt = Math.max(sent.startedAt, startedAt);
      startedAt = sent.startedAt + answer.runMs;
      this.#forget(sent);
      this.#isBlocked = false;
      returned.push({ sent, answer });
    }
    const head = this.head;
    if (head) head.startedAt = now;
    return returned;
  }

  hasStarted(sent: Sent): boolean {
    return !this.#outbox.has(sent) && this.#cells.hasStarted(sent.cell);
  }

  /** Takes a call back. @returns Whether the worker had not started it. */
  withdraw(sent: Sent): boolean {
    return this.#holds(sent) && !sent.withdrawn && !this.#isGone(sent) &&
      this.#withdraw(sent, false);
  }

  /**
   * Withdraws every call that the worker has not started, and every pure one that it has run and whose answer has not
   * been read: that one may run again.
   */
  takeBack(): Job[] {
    return [...this.#sent.values()]
      .filter((sent) => !sent.withdrawn && !this.#isGone(sent) && this.#withdraw(sent, true))
      .map((sent) => sent.job);
  }

  /**
   * Forgets all calls: no answer is expected any more.
   *
   * @returns The calls that the worker has started. Those that were withdrawn as well had run, and were not answered.
   */
  close(): Sent[] {
    this.#cancelTakeBackTimer?.();
    const started = [...this.#sent.values()].filter(({ cell, withdrawn }) =>
      !withdrawn || this.#cells.hasRun(cell)
    );
    this.#sent.clear();
    this.#outbox.clear();
    return started;
  }

  /** Whether a call is here still, and its cell its own. */
  #holds(sent: Sent): boolean {
    return this.#sent.get(sent.cell) === sent;
  }

  /** Whether a call was posted with arguments that were moved: then it can't be sent again. */
  #isGone(sent: Sent): boolean {
    return sent.job.exclusive && !this.#outbox.has(sent);
  }

  /** @param orUnanswered Whether to withdraw also a pure call that has run and is not answered: it may run again. */
  #withdraw(sent: Sent, orUnanswered: boolean): boolean {
    if (this.#outbox.remove(sent)) {
      this.#forget(sent);
      return sent.withdrawn = true;
    }
    if (!this.#cells.withdraw(sent.cell)) {
      const isUnanswered = orUnanswered && sent.job.options.pure && this.#cells.hasRun(sent.cell);
      if (!isUnanswered) return false;
      sent.job.started = true;
    }
    this.#unload(sent);
    return sent.withdrawn = true;
  }

  #forget(sent: Sent): void {
    this.#sent.delete(sent.cell);
    if (this.#sent.size === 0) {
      // An idle worker has no timer.
      this.#cancelTakeBackTimer?.();
      this.#cancelTakeBackTimer = undefined;
    }
    this.#cells.free(sent.cell);
    if (!sent.withdrawn) this.#unload(sent);
  }

  #unload({ costUs, meanUs }: Sent): void {
    this.#loadUs -= costUs;
    this.#meanUs -= meanUs;
  }

  /** Sets one timer for as long as any call is behind the first, however many calls pass meanwhile. */
  #watchHead(): void {
    this.#cancelTakeBackTimer ??= this.#clock.after(TAKE_BACK_AFTER_MS, () => {
      this.#cancelTakeBackTimer = undefined;
      const head = this.head;
      if (!head || this.#sent.size === 1) return;
      if (this.#clock.now() - head.startedAt < TAKE_BACK_AFTER_MS) return this.#watchHead();
      this.#isBlocked = true;
      this.#tookBack(this.takeBack());
    });
  }
}

/** A call of unknown cost fills the room: none is sent behind it. */
function inUs(costMs = ROOM_MS): number {
  return Math.max(1, Math.ceil(costMs * 1000));
}
