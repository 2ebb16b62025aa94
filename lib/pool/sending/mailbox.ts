import type { Clock } from "../clock.ts";
import { isShared } from "../inside/current.ts";
import type { Job, Sent } from "../job.ts";
import { LAST_ANSWERS_MS, ROOM_MS, TAKE_BACK_AFTER_MS } from "../policy.ts";
import { Outbox } from "./outbox.ts";
import {
  type Answer,
  type Call,
  Cell,
  CELLS,
  type Outcome,
  type Packed,
  type Report,
  unpackAnswers,
} from "./protocol.ts";
import type { WorkerHandle } from "../workers/worker_handle.ts";

/** What a {@linkcode Mailbox} calls when something has happened. */
export interface MailboxEvents {
  /** The worker has run a call, or has skipped it because it was withdrawn. */
  returned(sent: Sent, outcome: Outcome, now: number): void;
  /** A call reports a value. @param read To be called when the listener is done with it. */
  reported(sent: Sent, value: unknown, read: () => void): void;
  /** All answers of a message have been handled: there may be room now. */
  freed(): void;
  /**
   * The first call takes long, so nothing more is sent behind it. These calls were sent behind it, and could be taken
   * back: they are no longer here. There may be none.
   */
  takenBack(jobs: Job[]): void;
}

/**
 * What one worker has been sent and has not answered: the call that it runs, and a few behind it if they are short.
 * The pool can take back what is not started, by a compare-and-exchange in shared memory that only one side wins. So
 * a call in a mailbox can leave as freely as one in the queue. Where memory isn't shared, nothing is taken back, and
 * so nothing is sent ahead.
 *
 * **Cells are used again.** A cell is free when the answer of its call has been read here, or its call was never
 * posted. Nothing about the old call can hit the next one in its cell:
 *
 * - The worker writes to the cell and to its count of unread reports before it posts the answer, and never after. What
 *   is left of the call there, such as a timer, finds a `RunningCall` that is over.
 * - Its reports are posted before its answer, and so are read before it. There is only one answer.
 * - The worker reads `stop(cell)` for the old call before it reads the next one, and ignores it as that call doesn't
 *   run.
 * - `read` and `cancel` may be called late for the old call. Both first compare the `Sent` that holds the cell.
 *
 * A withdrawn call keeps its cell until the worker has skipped it: else the worker would take the next call's `SENT`
 * for the withdrawn one's.
 */
export class Mailbox {
  readonly #slot: number;
  readonly #worker: WorkerHandle;
  readonly #clock: Clock;
  readonly #events: MailboxEvents;
  readonly #shared: boolean;
  readonly #freeCells: number[];
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
  #onAnswers: (() => void) | undefined;

  constructor(slot: number, worker: WorkerHandle, clock: Clock, events: MailboxEvents) {
    this.#slot = slot;
    this.#worker = worker;
    this.#clock = clock;
    this.#events = events;
    this.#outbox = new Outbox(worker, (answers) => this.answered(answers));
    this.#shared = isShared(worker.cells);
    this.#freeCells = Array.from({ length: this.#shared ? CELLS : 1 }, (_, i) => i);
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
      !this.#isBlocked && this.#freeCells.length > 0 && this.#loadUs < inUs(ROOM_MS);
  }

  /**
   * Sends a call that there is room for.
   *
   * @param limitMs When the watchdog cuts it; 0: never.
   */
  send(job: Job, limitMs: number, now: number, carrier: Call["carrier"]): Sent {
    const cell = this.#freeCells.pop()!;
    const costUs = inUs(job.exclusive || job.deaths > 0 ? undefined : job.peakMs);
    const meanUs = inUs(job.costMs);
    const sent: Sent = {
      job,
      cell,
      slot: this.#slot,
      limitMs,
      costUs,
      meanUs,
      startedAt: now,
      withdrawn: false,
    };
    this.#sent.set(cell, sent);
    this.#loadUs += costUs;
    this.#meanUs += meanUs;
    Atomics.store(this.#worker.cells, cell, Cell.SENT);
    Atomics.store(this.#worker.unread, cell, 0);
    this.#outbox.push({ sent, limitMs, carrier });
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
    if (this.#sent.get(sent.cell) !== sent || this.#withdraw(sent, true)) return false;
    const { cells, unread } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.RUNNING, Cell.CANCELLED);
    if (this.#shared && state !== Cell.RUNNING) return false;
    this.#isBlocked = true; // Nobody knows how long it takes to stop.
    this.#worker.stop(sent.cell);
    Atomics.notify(unread, sent.cell); // It may be waiting until its report is read.
    return true;
  }

  /** The worker has posted a report. */
  reported({ cell, value }: Report): void {
    const sent = this.#sent.get(cell);
    // Missing if the call was settled when its worker was given up.
    if (!sent) return;
    this.#events.reported(sent, value, () => {
      // The cell may be another call's by now.
      if (this.#sent.get(cell) !== sent) return;
      const { unread } = this.#worker;
      Atomics.sub(unread, cell, 1);
      Atomics.notify(unread, cell);
    });
  }

  /** The worker has answered some of the calls. */
  answered(answers: Packed<Answer>): void {
    const now = this.#clock.now();
    let startedAt = 0;
    for (const { cell, outcome } of unpackAnswers(answers)) {
      const sent = this.#sent.get(cell);
      // Missing if the call was settled as lost, and its dead worker's last message arrives now.
      if (!sent) continue;
      // The calls of one message ran one after the other: each started when the one before had ended.
      sent.startedAt = Math.max(sent.startedAt, startedAt);
      startedAt = sent.startedAt + outcome.runMs;
      this.#returned(sent, outcome, now);
    }
    const head = this.head;
    if (head) head.startedAt = now;
    this.#onAnswers?.();
    this.#events.freed();
  }

  /** Whether the worker has started a call. Where memory isn't shared, a call that was posted counts as started. */
  hasStarted(sent: Sent): boolean {
    if (this.#outbox.has(sent)) return false;
    return !this.#shared || this.#worker.cells[sent.cell] !== Cell.SENT;
  }

  /** Takes a call back that the worker has not started. @returns Whether it had not. */
  withdraw(sent: Sent): boolean {
    const isMine = this.#sent.get(sent.cell) === sent && !sent.withdrawn && !this.#isGone(sent);
    return isMine && this.#withdraw(sent, false);
  }

  /** Withdraws every call that the worker has not started, or that can be run again without harm. */
  takeBack(): Job[] {
    return [...this.#sent.values()]
      .filter((sent) => !sent.withdrawn && !this.#isGone(sent) && this.#withdraw(sent, true))
      .map((sent) => sent.job);
  }

  /**
   * Waits for the answers that a dead worker has posted: they may be on their way still, as the news of its death can
   * overtake them.
   *
   * @param done Called when none is missing or the wait is over; at once if none is missing.
   */
  awaitLastAnswers(done: () => void): void {
    const isUnanswered = (sent: Sent) =>
      this.#shared && !sent.withdrawn && this.#worker.cells[sent.cell] === Cell.DONE;
    const check = () => {
      if ([...this.#sent.values()].some(isUnanswered)) return false;
      cancel();
      this.#onAnswers = undefined;
      done();
      return true;
    };
    const cancel = this.#clock.after(LAST_ANSWERS_MS, () => {
      this.#onAnswers = undefined;
      done();
    });
    if (!check()) this.#onAnswers = check;
  }

  /**
   * Forgets all calls: no answer is expected any more.
   *
   * @returns The calls that were started. The withdrawn ones among them had run, and were not answered.
   */
  close(): Sent[] {
    this.#cancelTakeBackTimer?.();
    const { cells } = this.#worker;
    const started = [...this.#sent.values()].filter((sent) =>
      !sent.withdrawn || cells[sent.cell] === Cell.DONE
    );
    this.#sent.clear();
    this.#outbox.clear();
    return started;
  }

  /** @param orUnanswered Whether to withdraw also a pure call that has run and is not answered: it may run again. */
  #withdraw(sent: Sent, orUnanswered: boolean): boolean {
    if (this.#outbox.remove(sent)) {
      this.#forget(sent);
      return sent.withdrawn = true;
    }
    if (!this.#shared) return false;
    const { cells } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.SENT, Cell.WITHDRAWN);
    // It has run, and its answer is held back or on its way.
    const isUnanswered = orUnanswered && state === Cell.DONE && sent.job.options.pure === true;
    if (state !== Cell.SENT && !isUnanswered) return false;
    if (isUnanswered) sent.job.started = true;
    this.#unload(sent);
    return sent.withdrawn = true;
  }

  #returned(sent: Sent, outcome: Outcome, now: number): void {
    this.#forget(sent);
    this.#isBlocked = false;
    this.#events.returned(sent, outcome, now);
  }

  /** Whether a call was posted with arguments that were moved: then it can't be sent again. */
  #isGone(sent: Sent): boolean {
    return sent.job.exclusive && !this.#outbox.has(sent);
  }

  #forget(sent: Sent): void {
    this.#sent.delete(sent.cell);
    if (this.#sent.size === 0) {
      // An idle worker has no timer.
      this.#cancelTakeBackTimer?.();
      this.#cancelTakeBackTimer = undefined;
    }
    this.#freeCells.push(sent.cell);
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
      this.#events.takenBack(this.takeBack());
    });
  }
}

/** A call of unknown cost fills the room: none is sent behind it. */
function inUs(costMs = ROOM_MS): number {
  return Math.max(1, Math.ceil(costMs * 1000));
}
