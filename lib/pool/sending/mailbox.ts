import type { Clock } from "../clock.ts";
import { isShared } from "../inside/current.ts";
import type { Job, Sent } from "../job.ts";
import { LAST_WORDS_MS, LATE_MS, ROOM_MS } from "../policy.ts";
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

/** What a {@linkcode Mailbox} tells its slot. */
export interface MailboxEvents {
  /** The worker is done with a call, or has skipped it because it was withdrawn. */
  returned(sent: Sent, outcome: Outcome, now: number): void;
  /** A call has something to tell. @param read To be called when that has been heard. */
  reported(sent: Sent, value: unknown, read: () => void): void;
  /** All that came back at once has been told: there may be room now. */
  freed(): void;
  /**
   * The call at the head takes long: there is no room behind it. These have waited there, if any could be taken back;
   * they are not started, and no longer here.
   */
  takenBack(jobs: Job[]): void;
}

/**
 * What one worker has been sent and not answered: the call it is on, and, if those before are short, a
 * few behind it. What was sent ahead is still the pool's to take back, by a compare-and-exchange in shared
 * memory that either side wins, never both; so a call in a mailbox is as free to leave as one in the queue.
 *
 * Where memory isn't shared, there is no taking back, and no sending ahead.
 */
export class Mailbox {
  readonly #slot: number;
  readonly #worker: WorkerHandle;
  readonly #clock: Clock;
  readonly #events: MailboxEvents;
  readonly #shared: boolean;
  readonly #freeCells: number[];
  /** In the order sent, which is the order run: the first is the one the worker is on. */
  readonly #sent = new Map<number, Sent>();
  readonly #outbox: Outbox;
  /** How long the calls may take. In whole microseconds: adding and subtracting these leaves nothing behind. */
  #loadUs = 0;
  /** How long they take on average. */
  #meanUs = 0;
  /** The call at the head has been there for too long, or is to stop: nothing is sent behind it. */
  #late = false;
  #cancelLateTimer: (() => void) | undefined;
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

  /** When the worker will have done what it was sent, on average; now, if it has nothing. */
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
      !this.#late && this.#freeCells.length > 0 && this.#loadUs < inUs(ROOM_MS);
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
   * Nobody waits for this call any more: it is withdrawn, or told to stop.
   *
   * @returns Whether its worker has yet to stop. Else it will skip the call, or is through with it, or was
   * another.
   */
  cancel(sent: Sent): boolean {
    if (this.#sent.get(sent.cell) !== sent || this.#withdraw(sent, true)) return false;
    const { cells, unread } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.RUNNING, Cell.CANCELLED);
    if (this.#shared && state !== Cell.RUNNING) return false;
    this.#late = true; // Nobody knows how long it takes to stop.
    this.#worker.stop(sent.cell);
    Atomics.notify(unread, sent.cell); // It may be waiting for somebody to hear its report.
    return true;
  }

  /** A call has something to tell. */
  reported({ cell, value }: Report): void {
    const sent = this.#sent.get(cell);
    // Not there: its worker has been given up, and it is settled.
    if (!sent) return;
    this.#events.reported(sent, value, () => {
      // It may be another call's by now.
      if (this.#sent.get(cell) !== sent) return;
      const { unread } = this.#worker;
      Atomics.sub(unread, cell, 1);
      Atomics.notify(unread, cell);
    });
  }

  /** The worker is done with some of the calls. */
  answered(answers: Packed<Answer>): void {
    const now = this.#clock.now();
    let startedAt = 0;
    for (const { cell, outcome } of unpackAnswers(answers)) {
      const sent = this.#sent.get(cell);
      // Not there: the last words of a worker whose calls have been settled as lost.
      if (!sent) continue;
      // What is told together was run one after the other.
      sent.startedAt = Math.max(sent.startedAt, startedAt);
      startedAt = sent.startedAt + outcome.runMs;
      this.#returned(sent, outcome, now);
    }
    const head = this.head;
    if (head) head.startedAt = now;
    this.#onAnswers?.();
    this.#events.freed();
  }

  /** Whether the worker has come to a call. Where memory isn't shared, it may have. */
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
   * Waits for the answers that a dead worker has given: what it posted is still on its way, and its death
   * is news that may overtake it.
   *
   * @param told Called when there are no more, at once if there are none.
   */
  lastWords(told: () => void): void {
    const isUntold = (sent: Sent) =>
      this.#shared && !sent.withdrawn && this.#worker.cells[sent.cell] === Cell.DONE;
    const check = () => {
      if ([...this.#sent.values()].some(isUntold)) return false;
      cancel();
      this.#onAnswers = undefined;
      told();
      return true;
    };
    const cancel = this.#clock.after(LAST_WORDS_MS, () => {
      this.#onAnswers = undefined;
      told();
    });
    if (!check()) this.#onAnswers = check;
  }

  /**
   * Forgets everything: no answer comes any more.
   *
   * @returns The calls that were started; withdrawn ones among them were done and had not been told.
   */
  close(): Sent[] {
    this.#cancelLateTimer?.();
    const { cells } = this.#worker;
    const started = [...this.#sent.values()].filter((sent) =>
      !sent.withdrawn || cells[sent.cell] === Cell.DONE
    );
    this.#sent.clear();
    this.#outbox.clear();
    return started;
  }

  /** @param orUntold Also if it is done and not told, provided that nobody minds if it is run again. */
  #withdraw(sent: Sent, orUntold: boolean): boolean {
    if (this.#outbox.remove(sent)) {
      this.#forget(sent);
      return sent.withdrawn = true;
    }
    if (!this.#shared) return false;
    const { cells } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.SENT, Cell.WITHDRAWN);
    // Another call came in between.
    const isUntold = orUntold && state === Cell.DONE && sent.job.options.pure === true;
    if (state !== Cell.SENT && !isUntold) return false;
    if (isUntold) sent.job.started = true;
    this.#unload(sent);
    return sent.withdrawn = true;
  }

  #returned(sent: Sent, outcome: Outcome, now: number): void {
    this.#forget(sent);
    this.#late = false;
    this.#events.returned(sent, outcome, now);
  }

  /** Whether a call was posted with arguments that are not here any more. */
  #isGone(sent: Sent): boolean {
    return sent.job.exclusive && !this.#outbox.has(sent);
  }

  #forget(sent: Sent): void {
    this.#sent.delete(sent.cell);
    if (this.#sent.size === 0) {
      // Nothing is left when there is nothing to do.
      this.#cancelLateTimer?.();
      this.#cancelLateTimer = undefined;
    }
    this.#freeCells.push(sent.cell);
    if (!sent.withdrawn) this.#unload(sent);
  }

  #unload({ costUs, meanUs }: Sent): void {
    this.#loadUs -= costUs;
    this.#meanUs -= meanUs;
  }

  /** One timer while there is anything behind the head, however many calls go by. */
  #watchHead(): void {
    this.#cancelLateTimer ??= this.#clock.after(LATE_MS, () => {
      this.#cancelLateTimer = undefined;
      const head = this.head;
      if (!head || this.#sent.size === 1) return;
      if (this.#clock.now() - head.startedAt < LATE_MS) return this.#watchHead();
      this.#late = true;
      this.#events.takenBack(this.takeBack());
    });
  }
}

/** A call of unknown cost fills the room: none is sent behind it. */
function inUs(costMs = ROOM_MS): number {
  return Math.max(1, Math.ceil(costMs * 1000));
}
