/**
 * The pool with one line changed, in many ways: each breaks a promise, and the simulation must find it. A line that
 * is not there any more is an error: then the mutant is to be written again for what has taken its place.
 *
 * @module
 */

import { copyFolder } from "../copy_folder.ts";

/** One change of one line. */
export interface Mutant {
  /** What breaks. */
  readonly breaks: string;
  /** In `lib/pool/`. */
  readonly file: string;
  /** The line, or the part of it, that is changed. It stands there once. */
  readonly line: string;
  readonly becomes: string;
}

/** All of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    breaks: "a call that was aborted is settled again by its value",
    file: "queueing/outcomes.ts",
    line: 'else if (kind !== "value") return undefined;\n    if (job.settled) return undefined;',
    becomes: 'else if (kind !== "value") return undefined;\n    job.settled = false;',
  },
  {
    breaks: "a signal keeps the listener of each call that was made with it",
    file: "queueing/settlement.ts",
    line: 'job.options.signal?.removeEventListener("abort", job.onAbort!);',
    becomes: "",
  },
  {
    breaks: "one call more than may wait does",
    file: "queueing/admission.ts",
    line: "this.lanes.length >= this.max",
    becomes: "this.lanes.length > this.max",
  },
  {
    breaks: "calls that are taken back change their order",
    file: "queueing/dispatcher.ts",
    line: "for (const job of jobs.toReversed()) {",
    becomes: "for (const job of jobs) {",
  },
  {
    breaks: "the last comes first",
    file: "queueing/lanes.ts",
    line: 'where === "last" ? turns.push(job, group)',
    becomes: 'where === "last" ? turns.unshift(job, group)',
  },
  {
    breaks: "a call whose signal was aborted before waits for ever",
    file: "queueing/dispatcher.ts",
    line: 'if (signal?.aborted) return this.stop(job, "aborted", signal.reason);',
    becomes: "",
  },
  {
    breaks: "a call that kills its worker is tried for ever",
    file: "queueing/outcomes.ts",
    line: "if (job.deaths === 1) {",
    becomes: "{",
  },
  {
    breaks: "a call that may not be repeated is",
    file: "queueing/outcomes.ts",
    line: "if (job.options.pure && !job.exclusive) return",
    becomes: "return",
  },
  {
    breaks: "a pool that is closed takes calls",
    file: "queueing/dispatcher.ts",
    line: 'this.phase = "closing";',
    becomes: "",
  },
  {
    breaks: "a call that ends leaves the worker beside it idle",
    file: "queueing/dispatcher.ts",
    line: "cause!, now));\n    this.#dispatch();",
    becomes: "cause!, now));",
  },
  {
    breaks: "a call whose worker is gone is never settled",
    file: "workers/slot.ts",
    line: "this.#left({ lost, cause, takenBack });",
    becomes: "this.#left({ takenBack });",
  },
  {
    breaks: "a worker that has stopped is replaced as if it had not",
    file: "workers/slot.ts",
    line: 'if (phase !== "cancelling") this.#endCancelling();',
    becomes: 'if (phase !== "cancelling") this.#cancelling = undefined;',
  },
  {
    breaks: "a dead worker has no successor",
    file: "workers/restarts.ts",
    line: "this.#cancelStart = this.#starter.ask(pauseMs, this.#start);",
    becomes: "",
  },
  {
    breaks: "a closed pool leaves its workers",
    file: "workers/slot.ts",
    line: 'worker?.terminate(new Error("Pool is closed"));',
    becomes: "return Promise.resolve(true);",
  },
  {
    breaks: "a thread that has ended after all counts as wedged",
    file: "workers/supervisor.ts",
    line: "this.wedged--;",
    becomes: "",
  },
  {
    breaks: "a worker's uncaught error ends the process",
    file: "workers/worker_handle.ts",
    line: "event.preventDefault();",
    becomes: "",
  },
  {
    breaks: "nobody notices a silent death where there are no locks",
    file: "workers/roll_call.ts",
    line: "if (isDead()) return died();",
    becomes: "isDead();",
  },
  {
    breaks: "a silent death is noticed late where there are no locks",
    file: "workers/roll_call.ts",
    line: "const EVERY_MS = 1_000;",
    becomes: "const EVERY_MS = 1_500;",
  },
  {
    breaks: "an answer that was on its way when its worker ended is lost",
    file: "workers/slot.ts",
    line: 'if (this.#phase === "closed" || !this.#mailbox?.awaitsAnswer) return',
    becomes: "return",
  },
  {
    breaks: "a running call is not told to stop",
    file: "sending/cells.ts",
    line: "Atomics.compareExchange(this.#states, cell, Cell.RUNNING, Cell.CANCELLED)",
    becomes: "Atomics.load(this.#states, cell)",
  },
  {
    breaks: "a call is taken back from a worker that has started it",
    file: "sending/cells.ts",
    line: "Atomics.compareExchange(this.#states, cell, Cell.SENT, Cell.WITHDRAWN) === Cell.SENT",
    becomes: "Atomics.exchange(this.#states, cell, Cell.WITHDRAWN) !== -1",
  },
  {
    breaks: "a call that was taken back is started all the same",
    file: "inside/runner.ts",
    line: "if (Atomics.compareExchange(cells, cell, Cell.SENT, Cell.RUNNING) !== Cell.SENT) {",
    becomes: "if (Atomics.exchange(cells, cell, Cell.RUNNING) === -1) {",
  },
  {
    breaks: "only the first of several deadlines is kept",
    file: "queueing/deadlines.ts",
    line: "if (earliest < this.#timerAt) this.#setTimer(earliest, this.#clock.now());",
    becomes: "",
  },
  {
    breaks: "a deadline's timer outlives the pool",
    file: "queueing/deadlines.ts",
    line: "this.#timerAt = Infinity;\n    this.#cancelTimer?.();",
    becomes: "this.#timerAt = Infinity;",
  },
  {
    breaks: "a late timer decides before messages have been read",
    file: "clock.ts",
    line: "if (turns++ === 0 || (isLate && turns <= MOST_TURNS)) {",
    becomes: "if (turns > 0) {",
  },
  {
    breaks: "a slot whose worker was ready once gives up",
    file: "workers/restarts.ts",
    line: "this.#failedStarts = undefined;",
    becomes: "this.#failedStarts = 0;",
  },
  {
    breaks: "no worker is started any more after one could not be loaded",
    file: "workers/starter.ts",
    line: "    this.#setTimer();\n  }\n}",
    becomes: "  }\n}",
  },
  {
    breaks: "a call that is done counts for no slot",
    file: "queueing/dispatcher.ts",
    line: "sent.slot.done++;",
    becomes: "",
  },
  {
    breaks: "a deadline is not called off when its call is taken to a worker",
    file: "queueing/timekeeper.ts",
    line: "if (at > now) return this.#deadlines.set(job, at, now);",
    becomes: "",
  },
  {
    breaks: "calls are left waiting when no worker can be started",
    file: "queueing/dispatcher.ts",
    line: 'this.#stopAll(waiting, "crashed", error);',
    becomes: "",
  },
  {
    breaks: "a worker that wedged is started anew beyond the limit",
    file: "workers/supervisor.ts",
    line: "this.wedged <= maxWedged",
    becomes: "true",
  },
  {
    breaks: "nobody learns that no worker can be set up",
    file: "workers/supervisor.ts",
    line: "this.#events.unusable(unusable);\n    this.#started(index);",
    becomes: "this.#events.unusable(unusable);",
  },
  {
    breaks: "cancelWaiting() leaves what was sent ahead",
    file: "queueing/dispatcher.ts",
    line: "job.place || job.sent?.slot.withdraw(job.sent)",
    becomes: "job.place",
  },
  {
    breaks: "a crash of one worker loses what another is on",
    file: "sending/mailbox.ts",
    line: "!withdrawn || this.#cells.hasRun(cell)",
    becomes: "this.#cells.hasRun(cell)",
  },
  {
    breaks: "a signal that is none is kept, and throws when the call settles",
    file: "options.ts",
    line: "requireIfGiven(signal instanceof AbortSignal,",
    becomes: "requireIfGiven(true,",
  },
  {
    breaks: "arguments that are none throw when they are sent",
    file: "options.ts",
    line:
      `requireThat(Array.isArray(args), "args", "an array of the method's arguments", args);\n  return [...args];`,
    becomes: "return args;",
  },
  {
    breaks: "a deadline that is text is compared as text",
    file: "checks.ts",
    line: `if (holds && (value === undefined || typeof value === "number")) return;`,
    becomes: "if (holds) return;",
  },
  {
    breaks: "a call that was started once is refused to make room",
    file: "queueing/lanes.ts",
    line: "return others && !others.started ?",
    becomes: "return others ?",
  },
  {
    breaks: "a short call waits behind a long one",
    file: "queueing/lanes.ts",
    line: 'lane === "short" ? this.#turns.short.length : this.length',
    becomes: "this.length",
  },
  {
    breaks: "the last report of a call is not told",
    file: "inside/current.ts",
    line: "if (this.#unsent) this.#post(this.#unsent.value);",
    becomes: "",
  },
  {
    breaks: "a call has its value before its listener has read all that it reports",
    file: "queueing/dispatcher.ts",
    line: "if (!drained) return this.#resolve(",
    becomes: "return this.#resolve(",
  },
  {
    breaks: "a report does not wait for the one before it",
    file: "queueing/report_queue.ts",
    line: "if (!isPromiseLike(result)) return undefined;",
    becomes: "return undefined;",
  },
  {
    breaks: "a call reports after its end",
    file: "queueing/report_queue.ts",
    line: "this.#isOver = true;",
    becomes: "",
  },
  {
    breaks: "a call is sent to a worker before that is set up",
    file: "workers/worker_handle.ts",
    line: "if (!this.#setup) return this.#serving();",
    becomes: "return this.#serving();",
  },
  {
    breaks: "an async call is never told to stop",
    file: "sending/mailbox.ts",
    line: "this.#worker.stop(sent.cell);",
    becomes: "",
  },
  {
    breaks: "a worker that was sent a call counts as idle",
    file: "workers/slot.ts",
    line: "this.#mailbox!.send(job, limitMs, now, carrier);\n    this.#events.changed();",
    becomes: "this.#mailbox!.send(job, limitMs, now, carrier);",
  },
  {
    breaks: "a worker whose state has changed counts as before",
    file: "workers/slot.ts",
    line: "this.#phase = phase;\n    this.#events.changed();",
    becomes: "this.#phase = phase;",
  },
  {
    breaks: "a slot that gave up counts as usable",
    file: "queueing/roster.ts",
    line: "Number(UNUSABLE.has(before)) - Number(UNUSABLE.has(state))",
    becomes: "0",
  },
  {
    breaks: "a call is sent to a worker that has no room",
    file: "queueing/roster.ts",
    line: "slot.hasRoom ? slot.loadMs : Infinity",
    becomes: "slot.loadMs",
  },
];

const POOL = new URL("../../lib/pool/", import.meta.url);

/** Writes a copy of the pool with one line changed. @returns Where it is; remove it. */
export async function writeMutant({ file, line, becomes }: Mutant): Promise<URL> {
  const folder = new URL(`file://${await Deno.makeTempDir({ prefix: "mutant-" })}/`);
  await copyFolder(POOL, folder);
  const text = await Deno.readTextFile(new URL(file, folder));
  const found = text.split(line).length - 1;
  if (found !== 1) throw new Error(`${file} has ${found} times "${line}"`);
  await Deno.writeTextFile(new URL(file, folder), text.replace(line, () => becomes));
  return folder;
}
