import type { Methods } from "../../lib/pool/mod.ts";
import { serve } from "../../lib/pool/worker.ts";

/**
 * A worker without a thread: the real worker side behind a `MessageChannel`, in this realm. It can't be
 * busy and can't be wedged; it can be slow, fail and die.
 */
export class FakeWorker extends EventTarget implements Worker {
  readonly #channel = new MessageChannel();
  readonly #life = new AbortController();
  onerror = null;
  onmessage = null;
  onmessageerror = null;

  /** @param api What it serves; `undefined`: it never gets ready. */
  constructor(api: Methods<Record<string, unknown>> | undefined) {
    super();
    const { port1, port2 } = this.#channel;
    port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
    if (api) serve(api as Record<string, never>, { port: port2, signal: this.#life.signal });
  }

  /** Whether it has ended, by itself or because it was told to. */
  get ended(): boolean {
    return this.#life.signal.aborted;
  }

  postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions): void {
    this.#channel.port1.postMessage(message, options as Transferable[]);
  }

  terminate(): void {
    this.die();
  }

  /** Ends without a word. */
  die(): void {
    this.#life.abort();
    this.#channel.port1.close();
    this.#channel.port2.close();
  }

  /** Ends with an uncaught error. */
  crash(message: string): void {
    this.dispatchEvent(new ErrorEvent("error", { message, cancelable: true }));
    this.die();
  }
}
