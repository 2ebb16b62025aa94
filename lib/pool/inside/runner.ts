import { LIMIT_SPREAD_MS, MAX_HELD_MS } from "../policy.ts";
import { forgetCurrent, type PoolLink, RunningCall, within } from "./current.ts";
import { encodeError } from "../error_codec.ts";
import { StoppedError, throwLater } from "../errors.ts";
import {
  type Answer,
  type Call,
  Cell,
  isShared,
  type Packed,
  type Runner,
  unpackCalls,
} from "../sending/protocol.ts";
import { answerEarly, goesAlone, replies } from "./replies.ts";
import type { ContinueTrace } from "../trace.ts";
import type { Watchdog } from "../watchdog.ts";

export interface RunnerOptions extends PoolLink {
  /** Finds a method. @throws If there is none of that name. */
  readonly lookUp: (method: string) => (...args: unknown[]) => unknown;
  readonly watchdog: Watchdog | undefined;
  readonly continueTrace: ContinueTrace | undefined;
}

type Replies = Packed<Answer>;

/**
 * Runs calls one after the other. Calls in a row with similar limits form a stretch, and share one run of the watchdog.
 * Answers to pure calls are held a little, to share a message.
 */
export function makeRunner(options: RunnerOptions): Runner {
  const { lookUp, cells, watchdog, continueTrace, port, clock } = options;
  // Without shared memory the pool can't reset this copy of the cell for the next call.
  const done = isShared(cells) ? Cell.DONE : Cell.SENT;
  let last: Promise<unknown> | undefined;
  /** The call that has been started and has no answer. */
  let started: RunningCall | undefined;

  // While a synchronous method runs, no message is read. An asynchronous one lets the next message in: it has to wait
  // for `last`.
  function run(packed: Packed<Call>): Replies | Promise<Replies> {
    const calls = unpackCalls(packed, continueTrace !== undefined);
    const answers = last ? last.then(() => runFrom(0, calls)) : runFrom(0, calls);
    if (answers instanceof Promise) {
      const mine = answers.finally(() => last === mine && (last = undefined));
      last = mine;
    }
    return answers;
  }

  function runFrom(index: number, calls: readonly Call[]): Replies | Promise<Replies> {
    /** Answers not posted yet. */
    let held: Answer[] = [];
    /** The answer of the call at `index`, if that is asynchronous. */
    let pending = undefined as Promise<Answer> | undefined;
    let doing: "run" | "post" | undefined;
    let startedAt: number;

    const postHeld = () => {
      const before = doing;
      doing = "post";
      answerEarly(port, held);
      held = [];
      doing = before;
    };

    const runStretch = () => {
      const first = calls[index]!;
      const endAt = startedAt + LIMIT_SPREAD_MS;
      let heldMs = 0;
      do {
        const call = calls[index]!;
        doing = "run";
        const answer = start(call, startedAt);
        if (answer instanceof Promise) return void (pending = answer);
        const isAlone = goesAlone(answer);
        if (isAlone) postHeld();
        held.push(answer);
        doing = undefined;
        if (++index === calls.length) return;
        heldMs += answer.runMs;
        startedAt += answer.runMs;
        if (!call.pure || heldMs > MAX_HELD_MS || isAlone) {
          postHeld();
          heldMs = 0;
          startedAt = clock.now();
        }
      } while (startedAt < endAt && mayShareLimit(first, calls[index]!));
    };

    while (index < calls.length) {
      startedAt = clock.now();
      const limitMs = sharedLimitMs(index, calls);
      try {
        if (watchdog && limitMs > 0) watchdog(runStretch, limitMs);
        else runStretch();
      } catch (error) {
        // A call has been started and waits: the script had ended before the interrupt.
        if (pending) break;
        if (!(error instanceof StoppedError) || doing === "post") {
          // Either no call threw this, so the runner is broken. Or the interrupt hit while answers were posted, so
          // which of them were posted is unknown. In both cases this worker must end.
          throwLater(error);
          return new Promise(() => {});
        }
        forgetCurrent(); // The interrupt has skipped the `finally` that does it.
        // What it left behind, such as a timer, must not report or look at the cell for the next call there.
        started?.end();
        started = undefined;
        // If the interrupt hit between two calls, the second was not started, and is run next.
        if (doing === "run") {
          const { cell } = calls[index++]!;
          Atomics.store(cells, cell, done);
          held.push({ cell, kind: "stopped", runMs: clock.now() - startedAt });
        }
      }
      if (pending) break;
    }

    if (!pending) return replies(held);
    answerEarly(port, held);
    return pending.then((answer) => {
      if (++index === calls.length) return replies([answer]);
      answerEarly(port, [answer]);
      return runFrom(index, calls);
    });
  }

  function start(call: Call, startedAt: number): Answer | Promise<Answer> {
    const { cell, reports } = call;
    if (Atomics.compareExchange(cells, cell, Cell.SENT, Cell.RUNNING) !== Cell.SENT) {
      return { cell, kind: "skipped", runMs: 0 };
    }
    const mine = started = new RunningCall(cell, reports, options);
    const succeed = (value: unknown): Answer => {
      end(mine);
      Atomics.store(cells, cell, done);
      return { cell, kind: "value", value, runMs: clock.now() - startedAt };
    };
    const fail = (error: unknown): Answer => {
      end(mine);
      const cancelled = Atomics.exchange(cells, cell, done) === Cell.CANCELLED;
      const runMs = clock.now() - startedAt;
      return cancelled || isStop(error)
        ? { cell, kind: "stopped", runMs }
        : { cell, kind: "error", value: encodeError(error), runMs };
    };
    try {
      const value = call.carrier ? traced(call, mine) : apply(call, mine);
      return isPromiseLike(value) ? Promise.resolve(value).then(succeed, fail) : succeed(value);
    } catch (error) {
      return fail(error);
    }
  }

  function end(call: RunningCall): void {
    call.end();
    if (started === call) started = undefined;
  }

  function apply({ method, args }: Call, mine: RunningCall): unknown {
    return within(mine, () => lookUp(method)(...args));
  }

  function traced(call: Call, mine: RunningCall): unknown {
    const { carrier, method, limitMs } = call;
    return continueTrace!(carrier!, method, () => {
      if (!watchdog || limitMs === 0) return apply(call, mine);
      try {
        return watchdog(() => apply(call, mine), limitMs);
      } finally {
        forgetCurrent();
      }
    });
  }

  return {
    run,
    ping() {},
    stop(cell) {
      // Another call runs: the one that was to be stopped had ended before.
      if (started?.cell === cell) started.stop();
    },
    async setUp(method, args) {
      try {
        await lookUp(method)(...args);
        return undefined;
      } catch (error) {
        return { error: encodeError(error) };
      }
    },
  };
}

/** The limit of a stretch, in ms; 0 if its calls have none. A traced call sets its own, and counts as one without. */
function sharedLimitMs(from: number, calls: readonly Call[]): number {
  const first = calls[from]!;
  if (first.carrier) return 0;
  let { limitMs } = first;
  for (let i = from + 1; i < calls.length; i++) {
    const next = calls[i]!;
    if (!mayShareLimit(first, next)) break;
    limitMs = Math.max(limitMs, next.limitMs);
  }
  return limitMs;
}

function mayShareLimit(first: Call, next: Call): boolean {
  return !first.carrier && !next.carrier && next.limitMs > 0 === first.limitMs > 0 &&
    Math.abs(next.limitMs - first.limitMs) <= LIMIT_SPREAD_MS;
}

function isStop(error: unknown): boolean {
  try {
    return error instanceof StoppedError;
  } catch {
    // A method may throw anything, even a revoked proxy, which throws here. That must not end the worker.
    return false;
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
