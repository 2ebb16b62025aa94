import type { Checkpoint } from "./checkpoint.ts";

/** One way to compute a Fibonacci number, and all that is known of it. */
export interface Algorithm {
  /** What requests and settings call it: lower-case letters and hyphens. */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  /** What it is, in one line for people, without a full stop. */
  readonly description: string;
  /** The largest n it is meant for. Algorithms are listed by that, the smallest first. */
  readonly maxN: number;
  /** What is timed to find out how fast a machine is: 0.2 to 0.6 ms, well above the tick of a coarse clock. */
  readonly probeN: number;
  /** Milliseconds `compute` takes on the reference machine: above 0, never less for a larger n. */
  readonly computeMs: (n: number) => number;
  /**
   * Computes the decimal digits of F(n), for an integer n from 0 to `maxN`, calling `checkpoint` as it goes.
   * The digits are ASCII, in a buffer of their own.
   */
  readonly compute: (n: number, checkpoint: Checkpoint) => Uint8Array<ArrayBuffer>;
  /** Imports what makes `compute` fast, and nobody needs who only asks what it would cost. */
  readonly loadKernel?: () => Promise<void>;
}
