/** Clients of event streams, and streams whose source a test makes up. */

import { type EventSource, EventStreams } from "../../lib/hono/events.ts";
import { FakeClock } from "../pool/fake_clock.ts";

/** What an event stream was sent, as its client reads it. */
export interface Received {
  readonly event: string;
  // deno-lint-ignore no-explicit-any -- whatever a test expects in it
  readonly data: any;
}

export const decoder = new TextDecoder();

export function parse(text: string): Received[] {
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event, data]) => ({
    event,
    data: JSON.parse(data),
  }));
}

/** Reads a stream as its events come. */
export class Client {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What came in each piece. */
  readonly received: Received[][] = [];
  /** How it ended; `undefined` while it has not. */
  end: unknown;
  #reading = Promise.resolve();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Reads from now on. */
  read(): this {
    this.#reading = (async () => {
      try {
        for (let next; !(next = await this.#reader.read()).done;) {
          this.received.push(parse(decoder.decode(next.value)));
        }
        this.end = "end";
      } catch (error) {
        this.end = error;
      }
    })();
    return this;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }

  /** Resolves at the stream's end, however it came. */
  get ended(): Promise<void> {
    return this.#reading;
  }
}

/** Lets everything that is due happen: what was sent is read. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Streams whose source the test makes up: each tick has news, until it is quiet. */
export function streams() {
  const clock = new FakeClock();
  const asked: string[] = [];
  const self = {
    clock,
    /** What the source was asked for. */
    asked,
    isQuiet: false,
    streams: undefined as unknown as EventStreams,
    connect: () => new Client(self.streams.open()),
    /** Lets the time pass until there may be news. */
    async tick(ms = 250) {
      clock.pass(ms);
      await turn();
    },
  };
  const source: EventSource = {
    stats: (now) => (asked.push("stats"), { now }),
    activity: (now) => (asked.push("activity"), self.isQuiet ? undefined : { now }),
    history: (now) => (asked.push("history"), { now }),
  };
  self.streams = new EventStreams(source, clock);
  return self;
}

export const names = (events: Received[]) => events.map(({ event }) => event);
