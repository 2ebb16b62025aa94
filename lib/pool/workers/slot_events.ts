import type { Clock } from "../clock.ts";
import type { Job, Sent } from "../job.ts";
import type { PoolWorker } from "../sending/endpoint.ts";
import type { Outcome } from "../sending/protocol.ts";
import type { Setup } from "./worker_handle.ts";

/** What a {@linkcode Slot} calls when something has happened. */
export interface SlotEvents {
  /** Its state, its load, or whether it has room may have changed. Called before any other of these. */
  changed(): void;
  /** It may have room now. */
  free(): void;
  /** A worker has run a call, or has skipped one that was withdrawn. */
  returned(sent: Sent, outcome: Outcome, now: number): void;
  /** A call reports a value. @param read To be called when the listener is done with it. */
  reported(sent: Sent, value: unknown, read: () => void): void;
  /** These calls were taken back. They are to wait again, before all others. */
  takenBack(jobs: Job[]): void;
  /** A worker died with this call. If the call was withdrawn, it had run, and only its answer is lost. */
  lost(sent: Sent, cause: Error): void;
  /** A worker takes calls. */
  ready(): void;
  /** A worker died by itself, or was given up. @param wasReady Whether it was ever ready. */
  crashed(cause: Error, wasReady: boolean): void;
  /** The slot gave up. */
  failed(cause: Error): void;
  /** A terminated thread runs on. @returns Whether another worker may be started beside it. */
  wedged(cause: Error): boolean;
  /** A wedged thread ended after all. */
  unwedged(): void;
}

/** What a {@linkcode Slot} is made with. */
export interface SlotOptions {
  readonly spawn: () => PoolWorker;
  readonly setup: Setup | undefined;
  readonly clock: Clock;
  readonly startTimeoutMs: number;
  readonly cancelGraceMs: number;
  /**
   * Starts a worker, in `ms` at the earliest, so that not all start at once. @returns A function that cancels the
   * start.
   */
  readonly startLater: (ms: number, start: () => void) => () => void;
  readonly events: SlotEvents;
}
