import type { Job, Sent } from "../job.ts";
import type { ResolvedOptions } from "../options.ts";
import { LAST_ANSWERS_MS } from "../policy.ts";
import { Mailbox } from "../sending/mailbox.ts";
import type { Answer, Packed, Report } from "../sending/protocol.ts";
import { slotStats } from "../snapshot.ts";
import type { SlotState, SlotStats } from "../stats.ts";
import { carrierOf } from "../trace.ts";
import { awaitStop, type Cancelling } from "./cancelling.ts";
import { Restarts } from "./restarts.ts";
import type { Left, SlotEvents } from "./slot_events.ts";
import type { Starter } from "./starter.ts";
import { WorkerHandle } from "./worker_handle.ts";

/** What a slot is doing; while its worker takes calls, that depends on whether it has any. */
type Phase = Exclude<SlotState, "idle" | "busy"> | "serving";

/**
 * One place of the pool's fixed array. The slot stays, while the workers in it come and go.
 *
 * ```
 *             ready          send                cancel
 *  starting ────────► idle ◄──────► busy ─────────────────► cancelling
 *    ▲  │ died          │    return   │                      │     │ no answer: terminate
 *    │  ▼               └──────┬──────┴──────────────────────┘     ▼
 *  restarting ◄────────────────┘ died                          wedged, if its thread lives on:
 *       │                                                      starting, if that is allowed
 *       └──► failed, when the budget is spent                  or when the thread ends after all
 * ```
 */
export class Slot {
  readonly index: number;
  readonly #options: ResolvedOptions;
  readonly #events: SlotEvents;
  #phase: Phase = "starting";
  #worker: WorkerHandle | undefined;
  #mailbox: Mailbox | undefined;
  /** Set while its worker has to stop a call: then the phase is `cancelling`. */
  #cancelling: Cancelling | undefined;
  /** Set only while the answers that a dead worker had posted are awaited: ends that. */
  #endWait: (() => void) | undefined;
  readonly #restarts: Restarts;
  #starts = 0;
  /** How many of its calls have ended with a value, and with their own error. */
  done = 0;
  failed = 0;

  constructor(index: number, options: ResolvedOptions, starter: Starter, events: SlotEvents) {
    this.index = index;
    this.#options = options;
    this.#events = events;
    this.#restarts = new Restarts(starter, () => this.start());
  }

  get state(): SlotState {
    if (this.#phase !== "serving") return this.#phase;
    return this.#mailbox!.size === 0 ? "idle" : "busy";
  }

  /** When its worker will have done what it has, by estimate; now, if it has nothing. */
  get endsAt(): number {
    return this.#mailbox?.endsAt ?? this.#options.clock.now();
  }

  /** Milliseconds of work that its worker has, at most: as if none of it were done yet. */
  get loadMs(): number {
    return this.#mailbox?.loadMs ?? 0;
  }

  /** Whether a call can be sent now, to wait behind others. */
  get hasRoom(): boolean {
    return this.#phase === "serving" && this.#mailbox!.hasRoom;
  }

  hasStarted(sent: Sent): boolean {
    return this.#mailbox?.hasStarted(sent) ?? true;
  }

  /** Takes a call back, if it has not been started. @returns Whether that is so. */
  withdraw(sent: Sent): boolean {
    const isWithdrawn = this.#mailbox?.withdraw(sent) ?? false;
    this.#events.changed();
    return isWithdrawn;
  }

  /** Sends a call that there is room for. See {@linkcode Mailbox.send}. */
  send(job: Job, limitMs: number, now: number): Sent {
    const carrier = job.trace && carrierOf(job.trace, this.index);
    const sent = this.#mailbox!.send(job, limitMs, now, carrier);
    this.#events.changed();
    return sent;
  }

  /**
   * Stops a call that nobody waits for any more. If its worker is on it and does not stop within
   * `cancelGraceMs`, the worker is replaced, unless its watchdog is about to cut the call.
   *
   * @returns The calls behind it, which were taken back. They are to wait again, before all others.
   */
  cancel(sent: Sent): readonly Job[] {
    const mustStop = this.#mailbox?.cancel(sent);
    this.#events.changed();
    // In any other phase the worker is about to end anyway.
    if (!mustStop || (this.#phase !== "serving" && this.#phase !== "cancelling")) return [];
    const { cancelGraceMs, clock } = this.#options;
    this.#cancelling?.end();
    this.#cancelling = awaitStop(this.#worker!, sent, cancelGraceMs, clock);
    const takenBack = this.#mailbox!.takeBack();
    this.#enter("cancelling");
    return takenBack;
  }

  start(): void {
    this.#enter("starting");
    this.#starts++;
    try {
      this.#worker = new WorkerHandle(this.#options, {
        ready: () => this.#ready(),
        answered: (answers) => this.#answered(answers),
        reported: (report) => this.#reported(report),
        doomed: () => this.#doomed(),
        wedged: (cause) => this.#wedged(cause),
        unwedged: () => this.#events.unwedged(),
        died: (cause) => this.#died(cause),
      });
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#events.crashed(cause, false);
      this.#replace(cause, false);
    }
  }

  /** Retires the slot: its worker takes no more calls, and has no successor. */
  retire(): void {
    this.#restarts.cancel();
    this.#enter("closed");
    this.#endWait?.();
  }

  /**
   * Ends the worker of a slot that is retired.
   *
   * @returns Whether its thread has ended; false if it runs on.
   */
  close(): Promise<boolean> {
    const worker = this.#worker;
    worker?.terminate(new Error("Pool is closed"));
    return worker?.ended ?? Promise.resolve(true);
  }

  stats(): SlotStats {
    return slotStats(this, this.#mailbox, this.#starts, this.#options.clock.now());
  }

  #ready(): void {
    if (this.#phase === "closed") return;
    this.#restarts.ready();
    const tookBack = (takenBack: Job[]) => this.#left({ takenBack });
    this.#mailbox = new Mailbox(this, this.#worker!, this.#options.clock, tookBack);
    this.#enter("serving");
    this.#events.ready();
    this.#left({});
  }

  #answered(answers: Packed<Answer>): void {
    const returned = this.#mailbox!.answered(answers);
    if (returned.some(({ sent }) => !sent.withdrawn)) this.#restarts.answered();
    if (returned.some(({ sent }) => sent === this.#cancelling?.sent)) this.#enter("serving");
    this.#left({ returned });
    if (this.#endWait && !this.#mailbox?.awaitsAnswer) this.#endWait();
  }

  #reported({ cell, value }: Report): void {
    const mailbox = this.#mailbox!;
    const sent = mailbox.of(cell);
    if (sent) this.#events.reported(sent.job, value, () => mailbox.read(sent));
  }

  /** The worker has failed and will end. What it has not started is taken back, to run elsewhere. */
  #doomed(): void {
    this.#endCancelling();
    const takenBack = this.#mailbox?.takeBack() ?? [];
    if (this.#phase === "serving") this.#enter("restarting");
    this.#left({ takenBack });
  }

  #wedged(cause: Error): void {
    const { wasReady } = this.#worker!;
    this.#abandon(cause);
    if (this.#phase !== "closed") this.#enter("wedged"); // Set before notifying: the listener reads it.
    if (this.#events.wedged(cause, wasReady)) this.start();
  }

  #died(cause: Error): void {
    // Nobody waits for the answers of a closed pool.
    if (this.#phase === "closed" || !this.#mailbox?.awaitsAnswer) return this.#afterDeath(cause);
    this.#enter("restarting");
    // Answers that it posted before its death may arrive after the news of that.
    const cancelTimer = this.#options.clock.after(LAST_ANSWERS_MS, () => this.#afterDeath(cause));
    this.#endWait = () => {
      cancelTimer();
      this.#afterDeath(cause);
    };
  }

  #afterDeath(cause: Error): void {
    const worker = this.#worker!;
    worker.dispose();
    const wasOnCall = this.#abandon(cause);
    if (this.#phase === "closed") return;
    this.#events.crashed(cause, worker.wasReady);
    this.#replace(cause, wasOnCall);
  }

  /** Gives up all calls of the worker, and forgets it. @returns Whether it was on a call. */
  #abandon(cause: Error): boolean {
    const takenBack = this.#mailbox?.takeBack() ?? [];
    const lost = this.#mailbox?.close() ?? [];
    this.#worker = this.#mailbox = this.#endWait = undefined;
    // Set before notifying: what was taken back is dispatched at once, and must not be sent to this slot.
    if (this.#phase !== "closed") this.#enter("restarting");
    const wasOnCall = lost.some((sent) => !sent.withdrawn);
    this.#left({ lost, cause, takenBack });
    return wasOnCall;
  }

  #replace(cause: Error, wasOnCall: boolean): void {
    const isNext = this.#restarts.died(wasOnCall);
    this.#enter(isNext ? "restarting" : "failed");
    if (!isNext) this.#events.failed(cause);
  }

  #enter(phase: Phase): void {
    if (phase !== "cancelling") this.#endCancelling();
    this.#phase = phase;
    this.#events.changed();
  }

  #left(calls: Left): void {
    this.#events.changed();
    this.#events.left(calls);
  }

  #endCancelling(): void {
    this.#cancelling?.end();
    this.#cancelling = undefined;
  }
}
