/** A runner without a worker around it. */

import {
  type Answer,
  type Call,
  CELLS,
  type Early,
  packCalls,
  type Packed,
  type Report,
  unpackAnswers,
} from "../../lib/pool/sending/protocol.ts";
import { continueTrace } from "../../lib/pool/otel.ts";
import { makeRunner } from "../../lib/pool/inside/runner.ts";
import type { Watchdog } from "../../lib/pool/watchdog.ts";

export type Methods = Record<string, (...args: never[]) => unknown>;

/** A call as a test writes it: its method, and whatever it has beside that. */
export type Brief = [method: string, rest?: Partial<Call>];

/** A runner without a worker around it, in a time that stands still until a method lets it pass. */
export class Fixture {
  readonly cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  readonly unread = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  /** What happened, in order: methods that ran, watchdogs that began and ended, answers that were told. */
  readonly log: string[] = [];
  /** Limits of the watchdog's runs. */
  readonly limits: number[] = [];
  /** What happens when answers are told early, before they are. */
  onEarly = () => {};
  /** What happens when the runner looks at the time, before it sees it. */
  onLook = () => {};
  /** The time. */
  nowMs = 0;
  readonly #runner;

  /** @param around What the watchdog does with what it is to run. */
  constructor(methods: Methods = {}, around: Watchdog = (run) => run()) {
    this.#runner = makeRunner({
      // As the service does, which imports it when the first trace comes in.
      continueTrace: async (...call) => {
        await null;
        return continueTrace(...call);
      },
      lookUp: (method) => {
        const own = methods[method];
        return (...args) => {
          this.log.push(method);
          return own ? own(...args as never[]) : method.toUpperCase();
        };
      },
      cells: this.cells,
      unread: this.unread,
      watchdog: (run, limitMs) => {
        this.limits.push(limitMs);
        return around(run, limitMs);
      },
      port: {
        postMessage: (posted) => {
          const message = posted as Early | Report;
          if (message.type === "pool:report") {
            return void this.log.push(`report: ${message.cell} ${message.value}`);
          }
          this.onEarly();
          this.#told("early", message.answers);
        },
        addEventListener() {},
        removeEventListener() {},
      },
      clock: {
        now: () => {
          this.onLook();
          return this.nowMs;
        },
      },
    });
  }

  /** Runs calls as if they had come in one message. Cells count up from `firstCell`. */
  async run(briefs: readonly Brief[], firstCell = 0): Promise<Answer[]> {
    const calls = briefs.map(([method, rest], i): Call => ({
      cell: firstCell + i,
      method,
      args: [],
      limitMs: 0,
      pure: true,
      reports: undefined,
      carrier: undefined,
      ...rest,
    }));
    const answers = await this.#runner.run(packCalls(calls));
    this.#told("last", answers);
    return unpackAnswers(answers);
  }

  #told(when: string, answers: Packed<Answer>): void {
    const all = unpackAnswers(answers).map(({ cell, kind, value }) => {
      const shown = kind === "value" ? ` ${JSON.stringify(value)}` : "";
      return `${cell} ${kind}${shown}`;
    });
    this.log.push(`${when}: ${all.join(", ")}`);
  }
}

/** Keeps the thread until the watchdog strikes. */
export function endless(): void {
  while (Date.now() > 0);
}

export const limited = (limitMs: number) => ({ limitMs });
