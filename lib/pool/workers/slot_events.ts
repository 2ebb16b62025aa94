import type { Job, Sent } from "../job.ts";
import type { Returned } from "../sending/mailbox.ts";

/** Calls that have left a worker, and why. All lists may be missing: then the worker has become ready. */
export interface Left {
  /** These came back: the worker has run them, or has skipped them because they were withdrawn. */
  readonly returned?: readonly Returned[];
  /** The worker died with these. Those that were withdrawn had run, and only their answers are lost. */
  readonly lost?: readonly Sent[];
  /** Why the worker died, if calls are `lost`. */
  readonly cause?: Error;
  /** These were taken back. They wait again, before all others. */
  readonly takenBack?: readonly Job[];
}

/** What a {@linkcode Slot} calls when something has happened. `wasReady`: whether its worker was ever ready. */
export interface SlotEvents {
  /** Its state, its load, or whether it has room may have changed. Called before the other events of that change. */
  changed(): void;
  /** Calls have left it, or it may have room. */
  left(calls: Left): void;
  /** A call reports a value. @param read Has to be called when the listener is done with the value. */
  reported(job: Job, value: unknown, read: () => void): void;
  /** A worker takes calls. */
  ready(): void;
  /** A worker has died, by itself or because it was terminated. */
  crashed(cause: Error, wasReady: boolean): void;
  /** The slot has given up: it starts no worker any more. */
  failed(cause: Error): void;
  /** A terminated thread runs on. @returns Whether another worker may be started beside it. */
  wedged(cause: Error, wasReady: boolean): boolean;
  /** A wedged thread ended after all. */
  unwedged(): void;
}
