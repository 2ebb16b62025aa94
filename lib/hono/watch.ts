import type { PoolStats, SlotState } from "@off-the-loop/pool";
import type { EventLoopLag, LagSummary } from "./event_loop_lag.ts";
import type { EventSource } from "./events.ts";
import { CANNOT_LOAD } from "./health.ts";
import { micro } from "./server_timing.ts";
import type { ServiceStats } from "./stats.ts";
import { textOf } from "./tag.ts";
import type { Mark, Span, Timeline } from "./timeline.ts";

/** All numbers of the service: the data of an event `stats`. */
export interface StatsEvent extends ServiceStats {
  /** A new one after each start, when all counts begin again. */
  readonly instance: string;
  /** When it was made, by the service's clock. */
  readonly now: number;
  /** How many answers were given, by status. */
  readonly answers: Readonly<Record<number, number>>;
  /** How late the event loop was. */
  readonly eventLoopLag: { readonly lastSecond: LagSummary; readonly lastMinute: LagSummary };
}

/** What the workers did since the event before: the data of an event `activity`. */
export interface ActivityEvent {
  /** When it was made, by the clock of spans and marks. */
  readonly now: number;
  /** Calls that wait. */
  readonly waiting: number;
  /** How many of them are in the lane for long calls. */
  readonly waitingLong: number;
  /** The state of each slot. */
  readonly states: readonly SlotState[];
  /** The calls that run. */
  readonly running: readonly RunningCall[];
  /** What has ended since the last event. In the first event of a stream: in the last seconds. */
  readonly spans: readonly Span[];
  /** What has happened to the workers, likewise. */
  readonly marks: readonly Mark[];
}

/** A call that runs. */
export interface RunningCall {
  /** The worker's place in the pool. */
  readonly slot: number;
  /** The method it calls. */
  readonly method: string;
  /** The text of its tag; `null` if there is none. */
  readonly tag: string | null;
  /** Milliseconds it has been running. */
  readonly runningMs: number;
}

/** What a {@linkcode Watch} reads. */
export interface Watched {
  readonly stats: () => ServiceStats;
  readonly timeline: Timeline;
  readonly answers: () => StatsEvent["answers"];
  readonly eventLoopLag: EventLoopLag;
}

/** How much of the past a new stream gets, in milliseconds. The page shows less; more would keep the event loop busy. */
const HISTORY_MS = 15_000;

/** Makes the events of the service. All streams get the same. */
export class Watch implements EventSource {
  readonly #watched: Watched;
  readonly #instance = crypto.randomUUID();
  #seq = 0;
  #told = "";

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  stats(now: number): StatsEvent {
    const { stats, answers, eventLoopLag } = this.#watched;
    const { pool, cache } = stats();
    return {
      instance: this.#instance,
      now,
      pool: pool && toldOf(pool),
      cache,
      answers: answers(),
      eventLoopLag: {
        lastSecond: eventLoopLag.summary(1000),
        lastMinute: eventLoopLag.summary(60_000),
      },
    };
  }

  activity(now: number): ActivityEvent | undefined {
    const { stats, timeline } = this.#watched;
    const { pool } = stats();
    if (!pool) return undefined;
    const { spans, marks } = timeline.since(this.#seq);
    const event = { now, ...ofPool(pool), spans: spans.map(rounded), marks };
    const { waiting, waitingLong, states, running } = event;
    const calls = running.map(({ runningMs: _, ...call }) => call);
    const told = JSON.stringify([waiting, waitingLong, states, calls]);
    if (told === this.#told && spans.length + marks.length === 0) return undefined;
    this.#seq = timeline.lastSeq;
    this.#told = told;
    return event;
  }

  history(now: number): ActivityEvent | undefined {
    const { stats, timeline } = this.#watched;
    const { pool } = stats();
    if (!pool) return undefined;
    // Up to the last event. The new stream gets what follows with the other streams.
    const { spans, marks } = timeline.until(this.#seq);
    const recent = spans.filter(({ endMs }) => endMs > now - HISTORY_MS);
    return { now, ...ofPool(pool), spans: recent.map(rounded), marks };
  }
}

/**
 * Rounds times to a microsecond. Without it, a third of an event would be meaningless digits. A replacer of
 * `JSON.stringify` would take as long as all the rest.
 */
function rounded(span: Span): Span {
  const { startMs, endMs, busyMs } = span;
  return { ...span, startMs: micro(startMs), endMs: micro(endMs), busyMs: micro(busyMs) };
}

/** Leaves out what names files, and makes texts of tags: JSON might not hold them. */
function toldOf(pool: PoolStats): PoolStats {
  return {
    ...pool,
    loadFailure: pool.loadFailure && CANNOT_LOAD,
    slots: pool.slots.map((slot) => {
      const { job } = slot;
      return job ? { ...slot, job: { ...job, tag: textOf(job.tag) } } : slot;
    }),
  };
}

function ofPool(
  { queue, slots }: PoolStats,
): Pick<ActivityEvent, "waiting" | "waitingLong" | "states" | "running"> {
  return {
    waiting: queue.length,
    waitingLong: queue.long,
    states: slots.map(({ state }) => state),
    running: slots.flatMap(({ slot, job }) => {
      if (!job) return [];
      const { method, tag, runningMs } = job;
      return { slot, method, tag: textOf(tag), runningMs };
    }),
  };
}
