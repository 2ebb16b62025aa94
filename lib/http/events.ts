import { type Clock, systemClock } from "./clock.ts";

const INTERVAL_MS = 1000;
/** What a browser waits before it connects again. */
const RETRY_MS = 2000;

/**
 * Streams of server-sent events: an event `stats` at once, and one a second after that.
 *
 * One ticker serves all streams, and runs only while there are any; a snapshot is taken and encoded once
 * for all. A client that doesn't read gets no older snapshots piled up: it misses them.
 */
export class EventStreams {
  readonly #snapshot: () => unknown;
  readonly #clock: Clock;
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #stopTicker: (() => void) | undefined;

  /** @param snapshot What is sent: plain data. */
  constructor(snapshot: () => unknown, clock: Clock = systemClock) {
    this.#snapshot = snapshot;
    this.#clock = clock;
  }

  /** @returns The body of a new stream. It ends when its reader cancels it, or with `end`. */
  open(): ReadableStream<Uint8Array> {
    let stream: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = controller;
        stream.enqueue(this.#encode(`retry: ${RETRY_MS}\n`));
        this.#streams.add(stream);
        this.#stopTicker ??= this.#clock.every(INTERVAL_MS, () => this.#tick());
      },
      cancel: () => this.#forget(stream),
    });
  }

  /** Ends all streams. */
  end(): void {
    for (const stream of this.#streams) {
      stream.close();
      this.#forget(stream);
    }
  }

  #tick(): void {
    const event = this.#encode();
    for (const stream of this.#streams) {
      // 0 while the event before still waits to be read.
      if (stream.desiredSize! > 0) stream.enqueue(event);
    }
  }

  #forget(stream: ReadableStreamDefaultController<Uint8Array>): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#stopTicker?.();
    this.#stopTicker = undefined;
  }

  #encode(prefix = ""): Uint8Array {
    const data = JSON.stringify(this.#snapshot());
    return new TextEncoder().encode(`${prefix}event: stats\ndata: ${data}\n\n`);
  }
}
