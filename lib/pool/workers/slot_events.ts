import type { Clock } from "../clock.ts";
import type { Job, Sent } from "../job.ts";
import type { Outcome } from "../sending/protocol.ts";
import type { Setup } from "./worker_handle.ts";

/** What a {@linkcode Slot} tells its pool. */
export interface SlotEvents {
  /** Its state, its load, or whether it has room may have changed. Told before anything else is. */
  changed(): void;
  /** It may have room now. */
  free(): void;
  /** A worker is done with a call, or has skipped one that was withdrawn. */
  returned(sent: Sent, outcome: Outcome, now: number): void;
  /** A call has something to tell. @param read To be called when that has been heard. */
  reported(sent: Sent, value: unknown, read: () => void): void;
  /** These calls were not started, and wait again before all others. */
  takenBack(jobs: Job[]): void;
  /** This call was lost with its worker; if it was withdrawn, the news that it had been done. */
  lost(sent: Sent, cause: Error): void;
  /** A worker takes calls. */
  ready(): void;
  /** A worker died by itself, or was given up. @param wasReady Whether it had been loaded. */
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
  readonly spawn: () => Worker;
  readonly setup: Setup | undefined;
  readonly clock: Clock;
  readonly startTimeoutMs: number;
  readonly cancelGraceMs: number;
  /** Starts a worker, in `ms` at the earliest, so that not all start at once. @returns Calls it off. */
  readonly startLater: (ms: number, start: () => void) => () => void;
  readonly events: SlotEvents;
}
