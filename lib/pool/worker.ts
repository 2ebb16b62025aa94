/**
 * The worker's side of the pool: a module that imports this and calls {@linkcode serve} is a worker that
 * a `WorkerPool` can use.
 *
 * ```ts ignore
 * import { checkpoint, serve } from "./lib/pool/worker.ts";
 *
 * serve({
 *   primesBelow(limit: number): number {
 *     let count = 0;
 *     for (let n = 2; n < limit; n++) {
 *       if (n % 1024 === 0) checkpoint();
 *       if (isPrime(n)) count++;
 *     }
 *     return count;
 *   },
 * });
 * ```
 *
 * @module
 */

import * as Comlink from "comlink";
import { leanEndpoint, type Port, post } from "./endpoint.ts";
import { encodeError } from "./error_codec.ts";
import { StoppedError } from "./errors.ts";
import { holdLock } from "./liveness.ts";
import {
  type Answer,
  type Call,
  Cell,
  CELLS,
  type Early,
  type Outcome,
  packAnswers,
  type Packed,
  type Ready,
  type Runner,
  unpackAnswers,
  unpackCalls,
} from "./protocol.ts";
import type { Watchdog } from "./watchdog.ts";

export type { Port } from "./endpoint.ts";

/**
 * Methods by name, as own properties: a class's methods are not. Arguments and results must be cloneable.
 */
// deno-lint-ignore no-explicit-any -- parameters are contravariant: only `any` accepts all functions
export type Methods<Api> = { [Name in keyof Api]: (...args: any[]) => unknown };

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /** Cuts code that never looks at its checkpoint. Default: nothing does. See `watchdog.ts`. */
  watchdog?: Watchdog;
  /** Where calls come from. Default: the worker's global scope. */
  port?: Port;
  /** Lets go of the lock, as if the worker had died. Default: it is held for the worker's life. */
  signal?: AbortSignal;
}

/** The call this thread is on. */
let current: { cells: Int32Array; cell: number } | undefined;

/**
 * Returns at once, unless the pool has cancelled the call that this worker is on: then it throws, to
 * unwind it. Call it about once a millisecond; it costs one atomic read. Outside a call it does nothing.
 *
 * An `async` method may use it before its first `await` only: after that, "the call this worker is on"
 * can't be told from here.
 *
 * @throws {StoppedError} If nobody waits for the call any more. Let it pass.
 */
export function checkpoint(): void {
  if (current && Atomics.load(current.cells, current.cell) === Cell.CANCELLED) {
    throw new StoppedError("Call was cancelled");
  }
}

const transfers = new WeakMap<object, Transferable[]>();

/**
 * Marks a method's result so that parts of it are moved to the caller and not copied. They are unusable
 * here afterwards.
 *
 * @returns `value` itself.
 */
export function transfer<T extends object>(value: T, list: Transferable[]): T {
  transfers.set(value, list);
  return value;
}

/**
 * Answers a pool's calls, one at a time in the order they were sent, until the worker ends. Call it once,
 * at the end of the module: from then on the pool counts on an answer.
 *
 * A method that throws rejects its call and the worker goes on. An error outside any call, or an unhandled
 * rejection, ends the worker; the pool notices and starts another.
 */
export function serve<Api extends Methods<Api>>(api: Api, options: ServeOptions = {}): void {
  const { watchdog, signal, port = globalThis as unknown as Port } = options;
  const shared = typeof SharedArrayBuffer === "function";
  const cells = new Int32Array(new (shared ? SharedArrayBuffer : ArrayBuffer)(4 * CELLS));
  // Without shared memory nobody resets our copy of a cell for its next call.
  const done = shared ? Cell.DONE : Cell.SENT;
  let last: Promise<unknown> | undefined;

  // A synchronous method keeps the thread, and so what was sent next waits by itself; an asynchronous one
  // would let it in.
  function run(packed: Packed<Call>): Replies | Promise<Replies> {
    const calls = unpackCalls(packed);
    const answers = last ? last.then(() => runFrom(0, calls)) : runFrom(0, calls);
    if (answers instanceof Promise) {
      const mine = answers.finally(() => last === mine && (last = undefined));
      last = mine;
    }
    return answers;
  }

  function runFrom(index: number, calls: readonly Call[]): Replies | Promise<Replies> {
    let answers: Answer[] = [];
    let heldMs = 0;
    for (; index < calls.length; index++) {
      const { cell, pure } = calls[index];
      const outcome = start(calls[index]);
      if (outcome instanceof Promise) {
        answerEarly(answers);
        return outcome.then((outcome) => {
          const answer: Answer = { cell, outcome };
          if (index + 1 === calls.length) return replies([answer]);
          answerEarly([answer]);
          return runFrom(index + 1, calls);
        });
      }
      answers.push({ cell, outcome });
      heldMs += outcome.runMs;
      const mayWait = pure && heldMs <= MAX_HELD_MS && !mayBeShared(outcome);
      if (index + 1 < calls.length && !mayWait) {
        answerEarly(answers);
        answers = [];
        heldMs = 0;
      }
    }
    return replies(answers);
  }

  function answerEarly(answers: Answer[]): void {
    if (answers.length === 0) return;
    const tell = (answers: readonly Answer[], list?: Transferable[]) =>
      post(port, { type: "pool:early", answers: packAnswers(answers) } satisfies Early, list);
    try {
      tell(answers, transferOf(answers));
    } catch {
      tell(answers.map(cloneable));
    }
  }

  function start({ cell, method, args, limitMs, carrier }: Call): Outcome | Promise<Outcome> {
    if (Atomics.compareExchange(cells, cell, Cell.SENT, Cell.RUNNING) !== Cell.SENT) {
      return { kind: "skipped", runMs: 0 };
    }
    const startedAt = performance.now();
    const succeed = (value: unknown): Outcome => {
      Atomics.store(cells, cell, done);
      return { kind: "value", value, runMs: performance.now() - startedAt };
    };
    const fail = (error: unknown): Outcome => {
      current = undefined; // The watchdog skips what would have done it.
      const cancelled = Atomics.exchange(cells, cell, done) === Cell.CANCELLED;
      const runMs = performance.now() - startedAt;
      return cancelled || error instanceof StoppedError
        ? { kind: "stopped", runMs }
        : failure(error, runMs);
    };
    const call = () => {
      current = { cells, cell };
      try {
        return lookUp(method).apply(api, args as unknown[]);
      } finally {
        current = undefined;
      }
    };
    const guarded = watchdog && limitMs > 0 ? () => watchdog(call, limitMs) : call;
    try {
      const value = carrier ? traced(carrier, method, guarded) : guarded();
      return isPromiseLike(value) ? Promise.resolve(value).then(succeed, fail) : succeed(value);
    } catch (error) {
      return fail(error);
    }
  }

  function lookUp(method: string): (...args: unknown[]) => unknown {
    if (Object.hasOwn(api, method)) return api[method as keyof Api];
    throw new TypeError(`Worker has no method "${method}", only ${Object.keys(api).join(", ")}`);
  }

  const instead = (_error: unknown, replies: unknown) =>
    packAnswers(unpackAnswers(replies as Replies).map(cloneable));
  Comlink.expose({ run } satisfies Runner, leanEndpoint(port, "callee", instead));
  holdLock((lock) => post(port, { type: "pool:ready", lock, cells } satisfies Ready), signal);
}

type Replies = Packed<Answer>;

/**
 * How much work may have been done, in milliseconds, before it is told. Less would make more messages; more
 * would show in what short calls take.
 */
const MAX_HELD_MS = 0.5;

function failure(error: unknown, runMs = 0): Outcome {
  return { kind: "error", error: encodeError(error), runMs };
}

/** An object that a method returned twice would be one object to two callers, were it in one message. */
function mayBeShared(outcome: Outcome): boolean {
  return outcome.kind === "value" && isObject(outcome.value) && !transfers.has(outcome.value);
}

/** Puts an error in the place of a value that can't be cloned; the answers beside it are not to blame. */
function cloneable(answer: Answer): Answer {
  const { cell, outcome } = answer;
  if (outcome.kind !== "value") return answer;
  try {
    return { cell, outcome: { ...outcome, value: structuredClone(outcome.value) } };
  } catch (error) {
    return { cell, outcome: failure(error, outcome.runMs) };
  }
}

function transferOf(answers: readonly Answer[]): Transferable[] {
  const list: Transferable[] = [];
  for (const { outcome } of answers) {
    if (outcome.kind !== "value" || !isObject(outcome.value)) continue;
    for (const part of transfers.get(outcome.value) ?? []) list.push(part);
  }
  return list;
}

function replies(answers: readonly Answer[]): Replies {
  const list = transferOf(answers);
  const packed = packAnswers(answers);
  return list.length > 0 ? Comlink.transfer(packed as unknown[], list) : packed;
}

async function traced(
  carrier: Record<string, string>,
  method: string,
  run: () => unknown,
): Promise<unknown> {
  // Imported when the first trace comes in: without tracing nobody pays for it.
  const { continueTrace } = await import("./tracing.ts");
  return continueTrace(carrier, method, run);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && "then" in value && typeof value.then === "function";
}
