/**
 * What one seed stands for: the settings of a pool and what happens to it, as plain data. A failing plan is made
 * shorter by leaving steps out, so a step names things by a number that is taken modulo how many there are.
 *
 * @module
 */

import fc from "fast-check";

/** What a worker's module does when it is loaded; `sticks`: its setup never returns. */
export type Load = "serves" | "throws" | "closes" | "hangs" | "is refused" | "sticks";

/** The pool, and the platform it runs on. */
export interface Settings {
  readonly size: number;
  readonly maxQueue: number;
  readonly cancelGraceMs: number;
  readonly maxWedged: number;
  /** Whether threads share memory. */
  readonly shared: boolean;
  /** Whether there are Web Locks. */
  readonly locks: boolean;
  readonly watchdog: boolean;
  /** Whether workers are set up before they take calls. */
  readonly setup: boolean;
  /** What the first workers do when they are loaded; all later ones serve. */
  readonly loads: readonly Load[];
}

/** Whether a pool can learn of a thread that ends without a word, and of one that doesn't end. */
export function seesSilentDeaths({ locks, shared }: Settings): boolean {
  return locks || shared;
}

/** What a call does in its worker. */
export type Work =
  /** Returns at once. */
  | { readonly kind: "echo" | "fail" | "unclonable" | "move" | "unknown" }
  /** Keeps its thread for so long, all at once: only the watchdog can cut it. */
  | { readonly kind: "spin"; readonly ms: number }
  /** Keeps its thread for so long, looking at a checkpoint each millisecond. */
  | { readonly kind: "hold"; readonly ms: number }
  /** The same, and it never looks. */
  | { readonly kind: "deaf"; readonly ms: number }
  /** The same as `hold`, and it reports 1 when it starts and 2 when it is done. */
  | { readonly kind: "tell"; readonly ms: number }
  /** Waits for so long or until it is aborted, its thread being free. */
  | { readonly kind: "heed"; readonly ms: number }
  /** Waits for so long, its thread being free. */
  | { readonly kind: "wait"; readonly ms: number }
  /** Ends its worker. */
  | { readonly kind: "quit" | "crash" };

/** How a call is made. */
export interface CallPlan {
  readonly work: Work;
  readonly estimateMs?: number;
  readonly deadlineMs?: number;
  readonly maxWaitMs?: number;
  readonly pure: boolean;
  readonly reports?: "latest" | "all";
  /** Whether its listener takes its time with each report. */
  readonly readsSlowly?: boolean;
  readonly maxRunMs?: number;
  readonly group?: number;
  /** Arguments are moved, can't be cloned, or are plain. */
  readonly args: "plain" | "moved" | "unclonable";
  readonly abortedBefore: boolean;
}

/** How a thread ends. If its lock is told first, the pool learns of its end before it has read its last words. */
export type End = "silently" | "silently, lock first" | "with an error";

/** What a listener does with the pool. */
export type Reaction = "abort" | "call" | "cancel" | "close";

/** One thing that happens. */
export type Step =
  | ({ readonly do: "call" } & CallPlan)
  | { readonly do: "abort"; readonly which: number }
  /** A call is made as none may be. */
  | { readonly do: "misuse"; readonly which: number }
  /** One message is read, in either direction, or one thread's end is noticed. */
  | { readonly do: "deliver"; readonly which: number }
  /** Time passes, and all that is due in it happens. Starved workers get no processor meanwhile. */
  | { readonly do: "pass"; readonly ms: number; readonly order: number; readonly starved: boolean }
  /** The pool's own thread is busy: workers go on, and timers fire late and before messages are read. */
  | { readonly do: "block"; readonly ms: number; readonly order: number }
  /** A thread ends. */
  | { readonly do: "end"; readonly which: number; readonly how: End }
  /** The next time that a run is over or something is reported, the listener calls the pool. */
  | { readonly do: "listen"; readonly to: Reaction; readonly which: number }
  /** All that waits is cancelled. */
  | { readonly do: "cancel" }
  | { readonly do: "close"; readonly graceMs: number };

/** A step, and whether the next one happens in the same turn, before any promise settles. */
export interface Planned {
  readonly step: Step;
  readonly joined: boolean;
}

/** What one seed stands for. */
export interface Plan {
  readonly settings: Settings;
  readonly steps: readonly Planned[];
}

/** A value that is left out as often as each is given. */
const maybe = (values: readonly number[], absent: number) =>
  fc.constantFrom<(number | undefined)[]>(...Array(absent).fill(undefined), ...values);

const settings: fc.Arbitrary<Settings> = fc.record({
  size: fc.constantFrom(1, 1, 2, 3),
  maxQueue: fc.constantFrom(0, 1, 3, 50),
  cancelGraceMs: fc.constantFrom(0, 50, 1000),
  maxWedged: fc.constantFrom(0, 0, 1, 2),
  shared: fc.constantFrom(true, true, true, false),
  locks: fc.constantFrom(true, true, true, false),
  watchdog: fc.boolean(),
  setup: fc.constantFrom(false, false, true),
  loads: fc.oneof(
    { weight: 10, arbitrary: fc.constant([]) },
    {
      weight: 5,
      arbitrary: fc.array(
        fc.constantFrom<Load[]>(
          "serves",
          "serves",
          "throws",
          "closes",
          "hangs",
          "is refused",
          "sticks",
        ),
        { maxLength: 12, size: "max" },
      ),
    },
    // No worker can ever be loaded.
    { weight: 1, arbitrary: fc.constant(Array<Load>(40).fill("throws")) },
    // An outage: the module can't be loaded for a while.
    { weight: 2, arbitrary: fc.constant<Load[]>(["serves", ...Array<Load>(12).fill("throws")]) },
  ),
});

const lasting = fc.constantFrom(0.1, 0.4, 1, 3, 8, 30, 200, 3_000);

const work: fc.Arbitrary<Work> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom<("echo" | "fail")[]>("echo", "echo", "fail") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom<("unclonable" | "move" | "unknown")[]>("unclonable", "move", "unknown"),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("hold" as const), ms: lasting }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("spin" as const), ms: lasting }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("deaf" as const), ms: lasting }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: lasting }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("heed" as const), ms: lasting }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("tell" as const), ms: lasting }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom<("quit" | "crash")[]>("quit", "crash") }),
  },
);

const call: fc.Arbitrary<CallPlan> = fc.record({
  work,
  estimateMs: maybe([0, 0.1, 1, 10, 100], 5),
  deadlineMs: maybe([0, 5, 30, 1_000], 6),
  maxWaitMs: maybe([0, 10], 8),
  pure: fc.boolean(),
  reports: fc.constantFrom<("latest" | "all" | undefined)[]>(undefined, "latest", "all"),
  readsSlowly: fc.boolean(),
  maxRunMs: maybe([0, 5, 200], 12),
  group: maybe([1, 2], 4),
  args: fc.constantFrom<CallPlan["args"][]>(
    ...Array(12).fill("plain"),
    "moved",
    "moved",
    "unclonable",
  ),
  abortedBefore: fc.constantFrom(...Array(20).fill(false), true),
});

const which = fc.nat(11);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 50,
    arbitrary: call.map((plan): Step => ({ do: "call", ...plan })),
  },
  { weight: 15, arbitrary: fc.record({ do: fc.constant("abort" as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("misuse" as const), which: fc.nat(100) }) },
  { weight: 50, arbitrary: fc.record({ do: fc.constant("deliver" as const), which }) },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(0, 0.1, 1, 3, 10, 60, 300, 3_000),
      order: fc.nat(1000),
      starved: fc.constantFrom(...Array(6).fill(false), true),
      // Starved for longer, a healthy worker can't be told from one that never gets ready.
    }).map((step) => ({ ...step, starved: step.starved && step.ms <= 300 })),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("block" as const),
      ms: fc.constantFrom(3, 20, 300, 1_200),
      order: fc.nat(1000),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      which,
      how: fc.constantFrom<End[]>("silently", "silently, lock first", "with an error"),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("listen" as const),
      to: fc.constantFrom<Reaction[]>(
        ...Array(9).fill("abort"),
        ...Array(9).fill("call"),
        "cancel",
        "cancel",
        "close",
      ),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "cancel" }) },
  // Rarely: what comes after it is only refused.
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("close" as const),
      graceMs: fc.constantFrom(0, 20, 5_000),
    }),
  },
);

/** Every plan there is. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  settings,
  steps: fc.array(
    fc.record({ step, joined: fc.constantFrom(false, false, true) }),
    { maxLength: 60, size: "max" },
  ),
});
