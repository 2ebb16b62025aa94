import * as Comlink from "comlink";
import type { EncodedError } from "../error_codec.ts";
import type { Sent } from "../job.ts";
import { GATHERED, SECOND_MESSAGE_US, WINDOW } from "../policy.ts";
import {
  type Answer,
  type Call,
  type Outcome,
  packAnswers,
  packCalls,
  type Packed,
} from "./protocol.ts";
import type { WorkerHandle } from "../workers/worker_handle.ts";

/** What a call is told whose arguments are functions, or proxies of Comlink's. */
const NO_FUNCTIONS =
  "A function does not go to a worker: let the method tell current().report() and " +
  "hear it by onReport, or pass a MessagePort.";

/** A call before it is posted. */
export interface Letter {
  readonly sent: Sent;
  /** When the watchdog cuts it; 0: never. */
  readonly limitMs: number;
  readonly carrier: Call["carrier"];
}

/** Gathers the calls for one worker into messages. */
export class Outbox {
  readonly #worker: WorkerHandle;
  readonly #answered: (answers: Packed<Answer>) => void;
  readonly #letters: Letter[] = [];
  /** Work in the letters. */
  #us = 0;
  /** Messages posted whose calls are not all answered. */
  #messages = 0;
  #willFlush = false;

  /** @param answered Told of what a message was answered with. */
  constructor(worker: WorkerHandle, answered: (answers: Packed<Answer>) => void) {
    this.#worker = worker;
    this.#answered = answered;
  }

  /** Takes a call, to be posted at the end of this turn if there is reason to. */
  push(letter: Letter): void {
    this.#letters.push(letter);
    this.#us += letter.sent.costUs;
    if (this.#willFlush) return;
    this.#willFlush = true;
    // What is sent in one turn goes in one message.
    queueMicrotask(() => {
      this.#willFlush = false;
      this.#flush();
    });
  }

  /** Whether a call has not been posted. */
  has(sent: Sent): boolean {
    return this.#letters.some((letter) => letter.sent === sent);
  }

  /** Takes a call out. @returns Whether it was still there. */
  remove(sent: Sent): boolean {
    const index = this.#letters.findIndex((letter) => letter.sent === sent);
    if (index < 0) return false;
    this.#take(index, 1);
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.#take(0, this.#letters.length);
  }

  #take(start: number, count: number): Letter[] {
    const letters = this.#letters.splice(start, count);
    for (const { sent } of letters) this.#us -= sent.costUs;
    return letters;
  }

  #flush(): void {
    while (this.#letters.length > 0 && this.#messages < WINDOW) {
      // What two calls in one message share, they would share at the other side too: an object that one of
      // them changes, a buffer that one of them moves. Only values can't be shared.
      const apart = this.#letters.findIndex(({ sent }) => !sent.job.args.every(isPrimitive));
      // What can't share a message gains nothing by waiting for others.
      if (apart < 0 && this.#messages > 0) {
        if (this.#messages >= GATHERED || this.#us < SECOND_MESSAGE_US) return;
      }
      this.#post(this.#take(0, apart < 0 ? this.#letters.length : Math.max(1, apart)));
    }
  }

  #post(letters: Letter[]): void {
    const calls = packCalls(letters.map(({ sent: { job, cell }, limitMs, carrier }) => {
      const { method, args, options: { pure = false, reports } } = job;
      return { cell, method, args, limitMs, pure, reports, carrier };
    }));
    const list = letters.flatMap(({ sent }) => sent.job.options.transfer ?? []);
    this.#messages++;
    this.#worker.run(list.length > 0 ? Comlink.transfer(calls, list) : calls).then((result) => {
      this.#messages--;
      if (!("error" in result)) {
        this.#answered(result);
      } else if (letters.length > 1) {
        // Each on its own: then it shows which one can't be sent.
        for (const letter of letters) this.#post([letter]);
      } else {
        const { job: { args }, cell } = letters[0]!.sent;
        const outcome: Outcome = { kind: "error", error: advise(result.error, args), runMs: 0 };
        this.#answered(packAnswers([{ cell, outcome }]));
      }
      this.#flush();
    }, (error) => {
      // Its runner has failed: nobody knows what of this it has done.
      this.#worker.terminate(error);
    });
  }
}

/** Says what to do instead to whoever has passed a callback: a function is what most often can't be cloned. */
function advise(error: EncodedError, args: readonly unknown[]): EncodedError {
  const hasFunction = args.some((arg) =>
    typeof arg === "function" || !isPrimitive(arg) && Comlink.proxyMarker in (arg as object)
  );
  if (error.kind !== "error" || !hasFunction) return error;
  return { ...error, message: `${error.message} ${NO_FUNCTIONS}` };
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
