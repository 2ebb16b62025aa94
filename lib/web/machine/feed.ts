import type { ActivityEvent, StatsEvent } from "../../hono/mod.ts";

/**
 * What is known of the connection to the service.
 *
 * - `connecting`: for the first time, or again after a pause.
 * - `live`: events come in.
 * - `lost`: it is gone, or silent; it is tried again and again.
 * - `paused`: nobody looks.
 */
export type Connection = "connecting" | "live" | "lost" | "paused";

/** What a {@linkcode Feed} tells. */
export interface FeedEvents {
  stats(event: StatsEvent): void;
  activity(event: ActivityEvent): void;
  connection(state: Connection): void;
}

/** There is an event a second: a connection without any for so long is one to nowhere. */
const SILENT_MS = 5_000;
/** Between two tries. Each costs a service that is just starting next to nothing. */
const RETRY_MS = 1_000;

/**
 * Follows `/events` for as long as somebody looks: it lets go while the tab is hidden, so that the service has
 * no work for it, and comes back after whatever cut it off.
 *
 * The browser's own reconnecting is not enough: it gives up on an answer that is not 200, such as the 503 of a
 * service that is shutting down, and never notices a connection that has gone silent.
 */
export class Feed {
  readonly #events: FeedEvents;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: FeedEvents) {
    this.#events = events;
  }

  /** Begins, and goes on until the page ends. */
  start(): void {
    document.addEventListener("visibilitychange", () => this.#follow());
    // A page that is kept for the way back would keep its connection too.
    addEventListener("pagehide", () => this.#pause());
    addEventListener("pageshow", () => this.#follow());
    this.#follow();
  }

  #follow(): void {
    if (document.hidden) this.#pause();
    else if (!this.#source) this.#connect("connecting");
  }

  #pause(): void {
    this.#close();
    this.#events.connection("paused");
  }

  #connect(state: Connection): void {
    this.#close();
    this.#events.connection(state);
    const source = this.#source = new EventSource("events");
    source.addEventListener("stats", ({ data }) => {
      this.#heard();
      this.#events.stats(JSON.parse(data, revive));
    });
    source.addEventListener("activity", ({ data }) => {
      this.#heard();
      this.#events.activity(JSON.parse(data));
    });
    source.addEventListener("error", () => this.#lost());
    this.#within(SILENT_MS);
  }

  #heard(): void {
    this.#events.connection("live");
    this.#within(SILENT_MS);
  }

  #lost(): void {
    this.#source?.close();
    this.#events.connection("lost");
    this.#within(RETRY_MS);
  }

  /** Tries again, unless something is heard before. */
  #within(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect("lost"), ms);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }
}

/** JSON has no `Infinity`: the last bound of a histogram comes as `null`. */
function revive(key: string, value: unknown): unknown {
  return key === "bounds" ? (value as (number | null)[]).map((bound) => bound ?? Infinity) : value;
}
