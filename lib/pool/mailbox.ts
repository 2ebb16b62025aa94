import * as Comlink from "comlink";
import type { Clock } from "./clock.ts";
import { encodeError } from "./error_codec.ts";
import type { Job } from "./job.ts";
import { Cell, CELLS, type Outcome } from "./protocol.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/**
 * How much work, by estimate, a worker is sent ahead of time. One call at a time would leave a worker idle
 * for a round trip (about 0.1 ms) after each: nothing for long calls, ruin for short ones. More than covers
 * the round trip gains nothing, and costs the calls behind one that was estimated wrong.
 */
const ROOM_MS = 0.5;

/**
 * How long the call that a worker is on may take before those sent behind it are taken back. Shorter takes
 * back what was about to run anyway; longer lets short calls wait while other workers are free.
 */
const LATE_MS = 5;

/** A call that a worker has. */
export interface Sent {
  readonly job: Job;
  readonly cell: number;
  /** The slot whose worker has it. */
  readonly slot: number;
  readonly mailbox: Mailbox;
  readonly costMs: number;
  /** When its worker came to it, as far as the pool can tell. */
  startedAt: number;
  /** It was taken back: the worker skips it, and the answer is about nothing. */
  withdrawn: boolean;
}

/** What a {@linkcode Mailbox} tells its slot. */
export interface MailboxEvents {
  /** The worker is done with a call, or has skipped it because it was withdrawn. */
  returned(sent: Sent, outcome: Outcome): void;
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
  #loadMs = 0;
  /** The call at the head has been there for too long, or is to stop: nothing is sent behind it. */
  #late = false;
  #cancelLateTimer: (() => void) | undefined;

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
    return head ? Math.max(0, this.#loadMs - (this.#clock.now() - head.startedAt)) : 0;
  }

  /** Whether a call can be sent that takes `costMs`; one of unknown cost has a worker for itself. */
  hasRoomFor(costMs = ROOM_MS): boolean {
    return this.#sent.size === 0 ||
      !this.#late && this.#freeCells.length > 0 && this.#loadMs + costMs <= ROOM_MS;
  }

  /**
   * Sends a call that there is room for.
   *
   * @param limitMs When the watchdog cuts it; 0: never.
   */
  send(job: Job, limitMs: number, carrier?: Record<string, string>): Sent {
    const cell = this.#freeCells.pop()!;
    const { costMs = ROOM_MS } = job;
    const sent: Sent = {
      job,
      cell,
      slot: this.#slot,
      mailbox: this,
      costMs,
      startedAt: this.#clock.now(),
      withdrawn: false,
    };
    this.#sent.set(cell, sent);
    this.#loadMs += costMs;
    Atomics.store(this.#worker.cells, cell, Cell.SENT);
    const { args, method, options: { transfer } } = job;
    const list = transfer ? Comlink.transfer([...args], transfer) : args;
    this.#worker.run(cell, method, list, limitMs, carrier).then(
      (outcome) => this.#returned(sent, outcome),
      (error) => this.#returned(sent, { kind: "error", error: encodeError(error), runMs: 0 }),
    );
    if (this.#sent.size > 1) this.#watchHead();
    return sent;
  }

  /**
   * Nobody waits for this call any more: it is withdrawn, or told to stop.
   *
   * @returns Whether its worker has yet to stop. Else it will skip the call, or is through with it.
   */
  cancel(sent: Sent): boolean {
    if (this.#withdraw(sent)) return false;
    const { cells } = this.#worker;
    const state = Atomics.compareExchange(cells, sent.cell, Cell.RUNNING, Cell.CANCELLED);
    if (this.#shared && state !== Cell.RUNNING) return false;
    this.#late = true; // Nobody knows how long it takes to stop.
    return true;
  }

  /** Withdraws every call that the worker has not started. */
  takeBack(): Job[] {
    return [...this.#sent.values()]
      .filter((sent) => !sent.withdrawn && this.#withdraw(sent))
      .map((sent) => sent.job);
  }

  /** Forgets everything: no answer comes any more. @returns The calls that were started. */
  close(): Sent[] {
    this.#cancelLateTimer?.();
    const started = [...this.#sent.values()].filter((sent) => !sent.withdrawn);
    this.#sent.clear();
    return started;
  }

  #withdraw(sent: Sent): boolean {
    const { cells } = this.#worker;
    if (
      !this.#shared ||
      Atomics.compareExchange(cells, sent.cell, Cell.SENT, Cell.WITHDRAWN) !== Cell.SENT
    ) return false;
    sent.withdrawn = true;
    this.#loadMs -= sent.costMs;
    return true;
  }

  #returned(sent: Sent, outcome: Outcome): void {
    // A dead worker's last words: its calls have been settled as lost.
    if (!this.#sent.delete(sent.cell)) return;
    this.#freeCells.push(sent.cell);
    if (!sent.withdrawn) this.#loadMs -= sent.costMs;
    this.#late = false;
    const head = this.head;
    if (head) head.startedAt = this.#clock.now();
    // Costs are no integers: what is left of adding and subtracting them must not fill the room.
    else this.#loadMs = 0;
    this.#events.returned(sent, outcome);
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
