import { type Clock, systemClock } from "./clock.ts";

/** How often there are events, in milliseconds. More often would cost each stream more. */
const TICK_MS = 250;
/** How many ticks there are for each event `stats`. */
const STATS_TICKS = 4;
/** How long a browser waits before it connects again. */
const RETRY_MS = 1000;
/** To how many streams to write at once. Each costs 20 µs: a hundred would make requests wait for 2 ms. */
const BATCH = 8;
const BATCH_EVERY_MS = 10;
const MOST_BATCHES = 20;
/**
 * How long a stream may go unread, in milliseconds, before it is dropped. That begins when all buffers on the way are
 * full, which can take minutes. The connection stays as long as the client's system keeps it: Deno can't close it.
 */
const UNREAD_MS = 10_000;

/** Makes the data of events. `now` is by the clock of the streams. */
export interface EventSource {
  /** Returns all numbers. */
  stats(now: number): object;
  /** Returns what has happened since the last call, if anything has. */
  activity(now: number): object | undefined;
  /** Returns what a new stream has to know of the past. */
  history(now: number): object | undefined;
}

interface Stream {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Since when events could not be sent. */
  unreadSince: number | undefined;
}

/**
 * Streams of server-sent events: `stats` and `activity` at once, then `stats` once a second, and `activity` up to four
 * times a second while there is any.
 *
 * One ticker serves all streams, and runs only while there are any. A client that doesn't read misses events, and is
 * dropped after ten seconds.
 */
export class EventStreams {
  readonly #source: EventSource;
  readonly #clock: Clock;
  readonly #streams = new Set<Stream>();
  #ticks = 0;
  #stopTicker: (() => void) | undefined;
  #stopBatches: (() => void) | undefined;
  /** Sends the current event to the streams that have not got it. */
  #sendRest: (() => void) | undefined;

  constructor(source: EventSource, clock: Clock = systemClock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Returns the body of a new stream. It ends when its reader cancels it or does not read, or with `end`. */
  open(): ReadableStream<Uint8Array> {
    let stream: Stream;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const now = this.#clock.now();
        // The first stream gets the past as history, and not again as an event.
        if (this.#streams.size === 0) this.#source.activity(now);
        const stats = encode("stats", this.#source.stats(now));
        const history = encode("activity", this.#source.history(now));
        controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n${stats}${history}`));
        stream = { controller, unreadSince: undefined };
        this.#streams.add(stream);
        this.#stopTicker ??= this.#clock.every(TICK_MS, () => this.#tick());
      },
      cancel: () => this.#forget(stream),
    });
  }

  /** Ends all streams. */
  end(): void {
    for (const stream of this.#streams) {
      stream.controller.close();
      this.#forget(stream);
    }
  }

  #tick(): void {
    // On a busy event loop the last batches may be late. Their event comes before the next one.
    this.#sendRest?.();
    const now = this.#clock.now();
    const activity = encode("activity", this.#source.activity(now));
    const stats = ++this.#ticks % STATS_TICKS === 0 ? encode("stats", this.#source.stats(now)) : "";
    if (activity || stats) this.#send(encoder.encode(activity + stats), now);
  }

  #send(event: Uint8Array, now: number): void {
    const left = [...this.#streams];
    // Large enough to be done before the next tick.
    const size = Math.max(BATCH, Math.ceil(left.length / MOST_BATCHES));
    const sendTo = (count: number) => {
      for (const stream of left.splice(0, count)) this.#sendTo(stream, event, now);
      if (left.length === 0) this.#endBatches();
    };
    sendTo(size);
    if (left.length === 0) return;
    this.#stopBatches = this.#clock.every(BATCH_EVERY_MS, () => sendTo(size));
    this.#sendRest = () => sendTo(Infinity);
  }

  #endBatches(): void {
    this.#stopBatches?.();
    this.#stopBatches = this.#sendRest = undefined;
  }

  #sendTo(stream: Stream, event: Uint8Array, now: number): void {
    // It may have ended since the batches began.
    if (!this.#streams.has(stream)) return;
    const { controller } = stream;
    // 0 while the last event has not been read.
    if (controller.desiredSize! > 0) {
      controller.enqueue(event);
      stream.unreadSince = undefined;
    } else if (now - (stream.unreadSince ??= now) >= UNREAD_MS) {
      // Deno prints the reason to stderr, so it is short.
      controller.error("event stream cut");
      this.#forget(stream);
    }
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#stopTicker?.();
    this.#stopTicker = undefined;
    this.#endBatches();
  }
}

const encoder = new TextEncoder();

function encode(event: string, data: object | undefined): string {
  return data ? `event: ${event}\ndata: ${JSON.stringify(data)}\n\n` : "";
}
