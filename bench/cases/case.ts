import type { Contender } from "../contenders/contender.ts";
import type { ContenderId } from "../contenders/mod.ts";

/** What a trial measured, by the keys of the case's metrics. Some may be missing: they are then not shown. */
export type Values = Readonly<Record<string, number | undefined>>;

/** One column of a case's table. */
export interface Metric {
  readonly key: string;
  /** Its name, unit included. */
  readonly label: string;
  readonly better: "higher" | "lower";
  /** What this project set itself. */
  readonly target?: Target;
}

/** What a value must be, or, against somebody, its ratio to theirs. Exactly one bound is given. */
export interface Target {
  /** The best of the peers, or a contender. Default: nobody, the value itself counts. */
  readonly against?: "peers" | ContenderId;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What a run was asked for. */
export interface Settings {
  /** Workers, wherever there are any. */
  readonly size: number;
  /** Whether this is the short run. */
  readonly quick: boolean;
  /** Whether wrk is there to make load. */
  readonly wrk: boolean;
}

/** One question, asked of several contenders in the same way. */
export interface Case {
  readonly title: string;
  /** What exactly is timed. */
  readonly what: string;
  /** To whom it is unfair, and what else to know before a number is quoted. */
  readonly notes: readonly string[];
  /** The first one orders the table. */
  readonly metrics: readonly Metric[];
  /** Who takes part. `ours` are the first. */
  readonly contenders: readonly ContenderId[];
  /** How many rounds there are; 0 leaves it out of the short run. */
  readonly rounds: { readonly quick: number; readonly all: number };
  /** Measures one contender once, in processes of its own. */
  readonly trial: (id: ContenderId, contender: Contender, settings: Settings) => Promise<Values>;
}
