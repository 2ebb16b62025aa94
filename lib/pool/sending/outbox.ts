import * as Comlink from "comlink";
import type { EncodedError } from "../error_codec.ts";
import type { Sent } from "../job.ts";
import { GATHERED, SECOND_MESSAGE_US, WINDOW } from "../policy.ts";
import { packAnswers, packCalls } from "./protocol.ts";
import type { WorkerHandle } from "../workers/worker_handle.ts";

/** Added to the error of a call whose arguments are functions or Comlink proxies. */
const NO_FUNCTIONS =
  "A function does not go to a worker: let the method tell current().report() and " +
  "hear it by onReport, or pass a MessagePort.";

/** Gathers the calls for one worker into messages. */
export class Outbox {
  readonly #worker: WorkerHandle;
  readonly #unposted: Sent[] = [];
  /** Messages posted whose calls are not all answered. */
  #messages = 0;
  #willFlush = false;

  constructor(worker: WorkerHandle) {
    this.#worker = worker;
  }

  /** Takes a call. It is posted in a microtask, or later if messages enough are under way. */
  push(sent: Sent): void {
    this.#unposted.push(sent);
    if (this.#willFlush) return;
    this.#willFlush = true;
    // All calls that are sent before the microtask share a message.
    queueMicrotask(() => {
      this.#willFlush = false;
      this.#flush();
    });
  }

  has(sent: Sent): boolean {
    return this.#unposted.includes(sent);
  }

  /** Takes a call out. @returns Whether it was still there. */
  remove(sent: Sent): boolean {
    const index = this.#unposted.indexOf(sent);
    if (index < 0) return false;
    this.#unposted.splice(index, 1);
    return true;
  }

  clear(): void {
    this.#unposted.length = 0;
  }

  #flush(): void {
    while (this.#unposted.length > 0 && this.#messages < WINDOW) {
      // An object in the arguments of two calls of one message would be one object in the worker, too: one call could
      // change it under the other, or move its buffer. So only calls with primitive arguments share a message.
      const apart = this.#unposted.findIndex(({ job }) => !job.args.every(isPrimitive));
      // A call that can't share a message gains nothing by waiting for others, so it is posted.
      if (apart < 0 && this.#messages > 0) {
        if (this.#messages >= GATHERED) return;
        let us = 0;
        for (const { costUs } of this.#unposted) us += costUs;
        if (us < SECOND_MESSAGE_US) return;
      }
      this.#post(this.#unposted.splice(0, apart < 0 ? Infinity : Math.max(1, apart)));
    }
  }

  #post(posted: readonly Sent[]): void {
    const calls = packCalls(posted.map(({ job, cell, limitMs, carrier }) => {
      const { method, args, options: { pure = false, reports } } = job;
      return { cell, method, args, limitMs, pure, reports, carrier };
    }));
    const list = posted.flatMap(({ job }) => job.options.transfer ?? []);
    this.#messages++;
    this.#worker.run(list.length > 0 ? Comlink.transfer(calls, list) : calls).then((result) => {
      this.#messages--;
      if (!("error" in result)) {
        this.#worker.answered(result);
      } else if (posted.length > 1) {
        // Post each on its own: that shows which one can't be cloned.
        for (const sent of posted) this.#post([sent]);
      } else {
        const { job: { args }, cell } = posted[0]!;
        const value = advise(result.error, args);
        this.#worker.answered(packAnswers([{ cell, kind: "unsent", runMs: 0, value }]));
      }
      this.#flush();
    }, (error) => {
      // The runner itself has failed: which of these calls it has run is unknown.
      this.#worker.terminate(error);
    });
  }
}

/** Adds advice to the error if an argument is a function: that is the most common thing that can't be cloned. */
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
