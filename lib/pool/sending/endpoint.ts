import type { Endpoint } from "comlink";
import type { Life } from "../workers/liveness.ts";

/** What a worker, a worker's global scope and a message port have in common. */
export interface Port {
  /** Sends a message to the other side. */
  postMessage(message: unknown, transfer?: Transferable[]): void;
  /** Listens to what the other side sends. */
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** Listens no more. */
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** Begins to deliver messages, for a port that waits for it. */
  start?(): void;
  /** What this thread holds while it exists, if the port's maker knows. Default: the pool finds something. */
  readonly life?: Life;
}

/** What a pool needs of a worker. A Web Worker is one. */
export interface PoolWorker extends Port {
  /** Listens to the worker: to its messages, to what it throws, to its end if it tells that. */
  addEventListener(
    type: "message" | "messageerror" | "error" | "exit",
    // deno-lint-ignore no-explicit-any -- each has an event of its own
    listener: (event: any) => void,
  ): void;
  /** Listens no more. */
  // deno-lint-ignore no-explicit-any -- as above
  removeEventListener(type: "message", listener: (event: any) => void): void;
  /** Ends the worker, as soon as its thread lets it. */
  terminate(): void;
}

/** Posts a message. An empty transfer list is left out: Deno has a faster path without. */
export function post(port: Port, message: unknown, transfer: Transferable[] = []): void {
  if (transfer.length === 0) port.postMessage(message);
  else port.postMessage(message, transfer);
}

/**
 * Wraps a port for Comlink, to change two things:
 *
 * - An empty transfer list, which Comlink always passes, is left out.
 * - A message that can't be cloned is answered with what `instead` returns for the `DataCloneError`. Comlink alone
 *   would keep the entry of a request that it failed to post for ever, and would replace a result by a `TypeError`
 *   that doesn't say what was wrong.
 *
 * @param side Who posts the message: the answer goes to Comlink's own listener on the `caller`'s side, and
 * is posted in place of the result on the `callee`'s.
 */
export function leanEndpoint(
  port: Port,
  side: "caller" | "callee",
  instead: (error: unknown, value: unknown) => unknown,
): Endpoint {
  let deliver: ((event: MessageEvent) => void) | undefined;
  return {
    postMessage(message: { id: string; value?: unknown }, transfer?: Transferable[]) {
      try {
        post(port, message, transfer);
      } catch (error) {
        const answer = { id: message.id, type: "RAW", value: instead(error, message.value) };
        if (side === "caller") deliver?.(new MessageEvent("message", { data: answer }));
        else port.postMessage(answer);
      }
    },
    addEventListener(_type: string, listener: EventListenerOrEventListenerObject) {
      deliver = listener as (event: MessageEvent) => void;
      port.addEventListener("message", deliver);
    },
    removeEventListener(_type: string, listener: EventListenerOrEventListenerObject) {
      port.removeEventListener("message", listener as (event: MessageEvent) => void);
    },
    start: () => port.start?.(),
  };
}
