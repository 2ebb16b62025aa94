import type { Endpoint } from "comlink";
import { encodeError } from "./error_codec.ts";
import type { Outcome } from "./protocol.ts";

/** What a worker, a worker's global scope and a message port have in common. */
export interface Port {
  /** Sends a message to the other side. */
  postMessage(message: unknown, transfer?: Transferable[]): void;
  /** Listens to what the other side sends. */
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** Listens no more. */
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  /** Lets messages in, where they wait for that. */
  start?(): void;
}

/**
 * Wraps a port for Comlink, to change two things:
 *
 * - An empty transfer list is left out. Comlink always passes one, and Deno has a faster path without.
 * - A message that can't be cloned becomes the call's outcome, with the real `DataCloneError`. Comlink
 *   keeps the entry of a request it failed to post for ever, and answers for a result with a `TypeError`
 *   that doesn't say what was wrong.
 *
 * @param side Where the call is answered when its message can't be posted: on the `caller`'s side the
 * answer goes to Comlink's own listener, on the `callee`'s it is posted in place of the result.
 */
export function leanEndpoint(port: Port, side: "caller" | "callee"): Endpoint {
  let deliver: ((event: MessageEvent) => void) | undefined;
  return {
    postMessage(message: { id: string }, transfer?: Transferable[]) {
      try {
        if (transfer === undefined || transfer.length === 0) port.postMessage(message);
        else port.postMessage(message, transfer);
      } catch (error) {
        const value: Outcome = { kind: "error", error: encodeError(error), runMs: 0 };
        const answer = { id: message.id, type: "RAW", value };
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
