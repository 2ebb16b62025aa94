/**
 * Called by a computation before it starts, and then at least about once a millisecond. If it throws, the computation ends, and its caller gets the
 * error: so a call that is no longer wanted frees its thread. It should cost well under a microsecond.
 */
export type Checkpoint = () => void;

/** An algorithm for Fibonacci numbers. */
export interface Algorithm {
  /** Its name in requests and settings: lower-case letters and hyphens. */
  readonly name: string;
  /** Its name for people. */
  readonly label: string;
  /** A line for people, without a full stop. */
  readonly description: string;
  /** The largest n it is meant for. Algorithms are listed by it, the smallest first. */
  readonly maxN: number;
  /** An n to time: it takes 0.2 to 0.6 ms, well above the tick of a coarse clock. */
  readonly probeN: number;
  /** Milliseconds `compute` takes on the reference machine: above 0, never less for a larger n. */
  readonly computeMs: (n: number) => number;
  /** Computes the decimal digits of F(n), for n from 0 to `maxN`: ASCII, in a buffer of their own. */
  readonly compute: (n: number, checkpoint: Checkpoint) => Uint8Array<ArrayBuffer>;
  /** Imports what makes `compute` fast. Estimates don't need it. */
  readonly loadKernel?: () => Promise<void>;
}
