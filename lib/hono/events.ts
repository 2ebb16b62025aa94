import { type Clock, systemClock } from "./clock.ts";

/**
 * How often there may be something new, in milliseconds. More often would look smoother to those who don't
 * draw a little behind the present, and cost each of them as much more.
 */
const TICK_MS = 250;
/** Every how many ticks everything is told. */
const STATS_TICKS = 4;
/** What a browser waits before it connects again. */
const RETRY_MS = 1000;
/**
 * To write to a stream costs this thread some 20 µs. A hundred at once would make every request that comes in
 * the same moment wait for 2 ms, a few at a time are not noticed.
 */
const BATCH = 8;
const BATCH_EVERY_MS = 10;
const MOST_BATCHES = 20;
/**
 * How long a stream may go unread, in milliseconds, until its client counts as gone. That begins when all
 * buffers between here and there are full, which can take minutes. Then no more work is done for it; but its
 * connection stays as long as its system answers for it, since Deno has no way to close one.
 */
const UNREAD_MS = 10_000;

/** What {@linkcode EventStreams} send: plain data. `now` is the streams' clock's. */
export interface EventSource {
  /** Everything there is to see. */
  stats(now: number): object;
  /** What has happened since it was last asked, if anything has. */
  activity(now: number): object | undefined;
  /** What was told before, as far as a new stream has to know it. */
  history(now: number): object | undefined;
}

interface Stream {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** When there was something to send for the first time that could not be. */
  unreadSince: number | undefined;
}

/**
 * Streams of server-sent events: `stats` and `activity` at once, then `stats` once a second, and `activity` up
 * to four times a second while there is any.
 *
 * One ticker serves all streams, and runs only while there are any. A client that doesn't read gets no older
 * events piled up: it misses them, and after ten seconds it is dropped.
 */
export class EventStreams {
  readonly #source: EventSource;
  readonly #clock: Clock;
  readonly #streams = new Set<Stream>();
  #ticks = 0;
  #stopTicker: (() => void) | undefined;
  #stopBatches: (() => void) | undefined;
  /** Sends the event that is on its way to those who have not been sent it. */
  #sendRest: (() => void) | undefined;

  constructor(source: EventSource, clock: Clock = systemClock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** @returns The body of a new stream. It ends when its reader cancels it, or does not read, or with `end`. */
  open(): ReadableStream<Uint8Array> {
    let stream: Stream;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const now = this.#clock.now();
        // What has happened while nobody watched is nobody's news.
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
    // On a busy event loop batches are late. What they bring is not told again.
    this.#sendRest?.();
    const now = this.#clock.now();
    const activity = encode("activity", this.#source.activity(now));
    const stats = ++this.#ticks % STATS_TICKS === 0 ? encode("stats", this.#source.stats(now)) : "";
    if (activity || stats) this.#send(encoder.encode(activity + stats), now);
  }

  #send(event: Uint8Array, now: number): void {
    const left = [...this.#streams];
    // Done before the next tick, however many there are.
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
    // 0 while what was sent before still waits to be read.
    if (controller.desiredSize! > 0) {
      controller.enqueue(event);
      stream.unreadSince = undefined;
    } else if (now - (stream.unreadSince ??= now) >= UNREAD_MS) {
      // Deno prints the reason to stderr: a word is enough.
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
