import * as Comlink from "comlink";
import type { Clock } from "./clock.ts";
import type { Job, Sent } from "./job.ts";
import {
  type Answer,
  type Call,
  Cell,
  CELLS,
  type Outcome,
  packAnswers,
  packCalls,
  type Packed,
  unpackAnswers,
} from "./protocol.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/**
 * How much work, by estimate, makes a worker's mailbox full. One call at a time would leave a worker idle
 * after each for a round trip: 0.1 ms, and some milliseconds when the pool's thread has many requests on its
 * hands (calls of 0.6 ms: 2,200 a second with 0.5 here, 2,500 with 1, 2,700 with 4). More gains nothing. It
 * costs a short call up to as much when all workers are busy, and those behind one that was estimated wrong
 * until they are taken back.
 */
const ROOM_MS = 4;

/**
 * How long the call that a worker is on may take before those sent behind it are taken back. Shorter takes
 * back what was about to run anyway; longer lets short calls wait while other workers are free.
 */
const LATE_MS = 5;

/** How long after a worker's death to wait for answers that it must have posted. They take a turn or two. */
const LAST_WORDS_MS = 100;

/**
 * How many messages a worker has at a time: one that it is on, and one to go on with if that is worth it.
 * More would be fewer calls in each, and what a short call costs is its message.
 */
const MESSAGES = 2;

/**
 * What makes the second message worth it: so much work, in microseconds, that the 10 it costs to post do
 * not matter. Without one the worker idles for a round trip, which costs calls of some microseconds
 * nothing: there the pool's thread is what they wait for, and fewer messages let it do more (270,000
 * trivial calls a second, against 215,000 when there was always a second message).
 */
const SECOND_MESSAGE_US = 50;

/** A call before it is posted. */
interface Letter {
  readonly sent: Sent;
  readonly limitMs: number;
  readonly carrier: Call["carrier"];
}

/** What a {@linkcode Mailbox} tells its slot. */
export interface MailboxEvents {
  /** The worker is done with a call, or has skipped it because it was withdrawn. */
  returned(sent: Sent, outcome: Outcome, now: number): void;
  /** All that came back at once has been told: there may be room now. */
  freed(): void;
  /** These calls have waited too long behind another; they are not started, and no longer here. */
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
  readonly #outbox: Letter[] = [];
  /** What of the load is in the outbox. */
  #outboxUs = 0;
  #willFlush = false;
  /** Messages posted whose calls are not all answered. */
  #messages = 0;
  /** In whole microseconds: of these, adding and subtracting leaves nothing behind. */
  #loadUs = 0;
  /** The call at the head has been there for too long, or is to stop: nothing is sent behind it. */
  #late = false;
  #cancelLateTimer: (() => void) | undefined;
  #onAnswers: (() => void) | undefined;

  constructor(slot: number, worker: WorkerHandle, clock: Clock, events: MailboxEvents) {
    this.#slot = slot;
    this.#worker = worker;
    this.#clock = clock;
    this.#events = events;
    this.#shared = typeof SharedArrayBuffer === "function" &&
      worker.cells.buffer instanceof SharedArrayBuffer;
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

  /** Milliseconds of work that is left in it, by estimate. */
  remainingMs(): number {
    const head = this.head;
    return head ? Math.max(0, this.#loadUs / 1000 - (this.#clock.now() - head.startedAt)) : 0;
  }

  /** Milliseconds of work that it was sent and has not answered, by estimate. */
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
    const costUs = inUs(job.exclusive ? undefined : job.costMs);
    const sent: Sent = {
      job,
      cell,
      slot: this.#slot,
      costUs,
      startedAt: now,
      withdrawn: false,
    };
    this.#sent.set(cell, sent);
    this.#loadUs += costUs;
    Atomics.store(this.#worker.cells, cell, Cell.SENT);
    this.#outbox.push({ sent, limitMs, carrier });
    this.#outboxUs += costUs;
    if (!this.#willFlush) {
      this.#willFlush = true;
      // What is sent in one turn goes in one message.
      queueMicrotask(() => {
        this.#willFlush = false;
        this.#flush();
      });
    }
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
    if (this.#sent.get(sent.cell) !== sent || this.#withdraw(sent)) return false;
    const { cells } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.RUNNING, Cell.CANCELLED);
    if (this.#shared && state !== Cell.RUNNING) return false;
    this.#late = true; // Nobody knows how long it takes to stop.
    return true;
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

  /** Takes a call back that the worker has not started. @returns Whether it had not. */
  withdraw(sent: Sent): boolean {
    const isMine = this.#sent.get(sent.cell) === sent && !sent.withdrawn && !this.#isGone(sent);
    return isMine && this.#worker.cells[sent.cell] !== Cell.DONE && this.#withdraw(sent);
  }

  /** Withdraws every call that the worker has not started, or that can be run again without harm. */
  takeBack(): Job[] {
    return [...this.#sent.values()]
      .filter((sent) => !sent.withdrawn && !this.#isGone(sent) && this.#withdraw(sent))
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

  /** Forgets everything: no answer comes any more. @returns The calls that were started. */
  close(): Sent[] {
    this.#cancelLateTimer?.();
    const started = [...this.#sent.values()].filter((sent) => !sent.withdrawn);
    this.#sent.clear();
    this.#outbox.length = 0;
    return started;
  }

  #withdraw(sent: Sent): boolean {
    const letter = this.#outbox.findIndex((letter) => letter.sent === sent);
    if (letter >= 0) {
      this.#outbox.splice(letter, 1);
      this.#outboxUs -= sent.costUs;
      this.#forget(sent);
      return sent.withdrawn = true;
    }
    if (!this.#shared) return false;
    const { cells } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.SENT, Cell.WITHDRAWN);
    // Done and not told, because another call came in between; nobody minds if it is run again.
    const isUntold = state === Cell.DONE && sent.job.options.pure === true;
    if (state !== Cell.SENT && !isUntold) return false;
    if (isUntold) sent.job.started = true;
    this.#loadUs -= sent.costUs;
    return sent.withdrawn = true;
  }

  #flush(): void {
    while (this.#outbox.length > 0 && this.#messages < MESSAGES) {
      // What two calls in one message share, they would share at the other side too: an object that one of
      // them changes, a buffer that one of them moves. Only values can't be shared.
      const apart = this.#outbox.findIndex(({ sent }) => !sent.job.args.every(isPrimitive));
      // What can't share a message gains nothing by waiting for others.
      const mayWait = this.#messages > 0 && apart < 0;
      if (mayWait && this.#outboxUs < SECOND_MESSAGE_US) return;
      this.#post(apart < 0 ? this.#outbox.splice(0) : this.#outbox.splice(0, Math.max(1, apart)));
    }
  }

  #post(letters: Letter[]): void {
    for (const { sent } of letters) this.#outboxUs -= sent.costUs;
    const calls = packCalls(letters.map(({ sent: { job, cell }, limitMs, carrier }) => {
      const { method, args, options: { pure = false } } = job;
      return { cell, method, args, limitMs, pure, carrier };
    }));
    const list = letters.flatMap(({ sent }) => sent.job.options.transfer ?? []);
    this.#messages++;
    this.#worker.run(list.length > 0 ? Comlink.transfer(calls, list) : calls).then((result) => {
      this.#messages--;
      if (!("error" in result)) {
        this.answered(result);
      } else if (letters.length > 1) {
        // Each on its own: then it shows which one can't be sent.
        for (const letter of letters) {
          this.#outboxUs += letter.sent.costUs;
          this.#post([letter]);
        }
      } else {
        const outcome: Outcome = { kind: "error", error: result.error, runMs: 0 };
        this.answered(packAnswers([{ cell: letters[0].sent.cell, outcome }]));
      }
      this.#flush();
    }, (error) => {
      // Its runner has failed: nobody knows what of this it has done.
      this.#worker.terminate(error);
    });
  }

  #returned(sent: Sent, outcome: Outcome, now: number): void {
    this.#forget(sent);
    this.#late = false;
    this.#events.returned(sent, outcome, now);
  }

  /** Whether a call was posted with arguments that are not here any more. */
  #isGone(sent: Sent): boolean {
    return sent.job.exclusive && !this.#outbox.some((letter) => letter.sent === sent);
  }

  #forget(sent: Sent): void {
    this.#sent.delete(sent.cell);
    this.#freeCells.push(sent.cell);
    if (!sent.withdrawn) this.#loadUs -= sent.costUs;
  }

  /** One timer while there is anything behind the head, however many calls go by. */
  #watchHead(): void {
    this.#cancelLateTimer ??= this.#clock.after(LATE_MS, () => {
      this.#cancelLateTimer = undefined;
      const head = this.head;
      if (!head || this.#sent.size === 1) return;
      if (this.#clock.now() - head.startedAt < LATE_MS) return this.#watchHead();
      this.#late = true;
      const jobs = this.takeBack();
      if (jobs.length > 0) this.#events.takenBack(jobs);
    });
  }
}

/** A call of unknown cost fills the room: none is sent behind it. */
function inUs(costMs = ROOM_MS): number {
  return Math.max(1, Math.ceil(costMs * 1000));
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
