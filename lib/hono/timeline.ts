import type { PoolEvent, Run } from "@off-the-loop/pool";
import { common, textOf } from "./tag.ts";

/** A stretch of time in which a worker ran calls: one long call, or many short ones. Plain data. */
export interface Span {
  /** Counts the spans and marks of a timeline, from 1. */
  readonly seq: number;
  /** The worker's place in the pool. */
  readonly slot: number;
  /** When it began, by the pool's clock. */
  readonly startMs: number;
  /** When it ended, by the pool's clock. */
  readonly endMs: number;
  /** How much of that time it computed: there are pauses between short calls. */
  readonly busyMs: number;
  /** How many calls it holds. */
  readonly runs: number;
  /** The method of all calls; `null` if they differ in it. */
  readonly method: string | null;
  /** The words that the tags of all calls have; `null` if there are none. */
  readonly tag: string | null;
  /** How all of them ended. */
  readonly end: Run["end"];
}

/** Something that happened to a worker. Plain data. */
export interface Mark {
  /** Counts with the spans'. */
  readonly seq: number;
  /** The worker's place in the pool. */
  readonly slot: number;
  /** When it was noticed, by the pool's clock. */
  readonly atMs: number;
  /** What it was. */
  readonly type: PoolEvent["type"];
}

/** A part of a {@linkcode Timeline}, in the order of `seq`. */
export interface TimelinePart {
  /** What the workers ran. */
  readonly spans: readonly Span[];
  /** What happened to them. */
  readonly marks: readonly Mark[];
}

/**
 * Runs that are shorter than this, in milliseconds, and as close together make one span. Less would make more spans than
 * a picture of some seconds has pixels; more would hide calls that can be told apart in it.
 */
const RESOLUTION_MS = 10;

/** The longest span of short runs, in milliseconds. Longer ones would hide how busy a worker was at each moment. */
const MOST_MS = 250;

/** How many spans are kept. Two workers that are busy with calls of 10 ms fill them in ten seconds. */
const MOST_SPANS = 2048;
/** How many marks are kept. A crash makes two. */
const MOST_MARKS = 256;

/**
 * Records what the workers ran lately, for a picture: in constant memory, and in at most 0.2 µs a call.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Timeline } from "./timeline.ts";
 *
 * const timeline = new Timeline();
 * const run = { slot: 0, id: 1, method: "nextPrime", end: "done", runMs: 1 } as const;
 * for (let i = 0; i < 5; i++) timeline.record({ ...run, tag: `from ${i}`, startedAt: 2 * i });
 *
 * const [{ startMs, endMs, runs, tag }] = timeline.since(0).spans;
 * assertEquals([startMs, endMs, runs, tag], [0, 9, 5, "from"]);
 * assertEquals(timeline.since(1).spans, []);
 * ```
 */
export class Timeline {
  /** In the order of `seq`, as the marks. Up to twice as many as are kept, so that not each one costs a copy. */
  readonly #spans: OpenSpan[] = [];
  readonly #marks: Mark[] = [];
  #lastSeq = 0;
  /** By slot: spans of short runs that may become longer. */
  readonly #open = new Map<number, OpenSpan>();

  /** Records a run: the pool's `onRun`. */
  record({ slot, method, tag, startedAt, runMs, end }: Run): void {
    const isShort = runMs < RESOLUTION_MS;
    const last = this.#open.get(slot);
    if (
      last && isShort && last.end === end && startedAt - last.endMs < RESOLUTION_MS &&
      startedAt - last.startMs < MOST_MS
    ) {
      last.busyMs += runMs;
      last.endMs = Math.max(last.endMs, startedAt + runMs);
      last.runs++;
      if (last.method !== method) last.method = null;
      if (last.tag !== null && last.tag !== tag) last.tag = common(last.tag, textOf(tag));
      return;
    }
    const span: OpenSpan = {
      seq: ++this.#lastSeq,
      slot,
      startMs: startedAt,
      endMs: startedAt + runMs,
      busyMs: runMs,
      runs: 1,
      method,
      tag: textOf(tag),
      end,
    };
    push(this.#spans, span, MOST_SPANS);
    if (isShort) this.#open.set(slot, span);
    else this.#open.delete(slot);
  }

  /** Records an event: the pool's `onEvent`. @param atMs The moment, by the pool's clock. */
  note({ slot, type }: PoolEvent, atMs: number): void {
    push(this.#marks, { seq: ++this.#lastSeq, slot, atMs, type }, MOST_MARKS);
  }

  /** What was recorded last; 0 if nothing has been. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /**
   * Reads what came after another, in its order. It doesn't change any more: what comes next begins new spans.
   *
   * @param seq The last that is known; 0 for all that is kept.
   */
  since(seq: number): TimelinePart {
    this.#open.clear();
    return {
      spans: after(seq, this.#spans, MOST_SPANS),
      marks: after(seq, this.#marks, MOST_MARKS),
    };
  }

  /** Reads what is kept up to one that has been read before, and changes nothing. */
  until(seq: number): TimelinePart {
    const isThere = (item: { seq: number }) => item.seq <= seq;
    return {
      spans: this.#spans.slice(-MOST_SPANS).filter(isThere),
      marks: this.#marks.slice(-MOST_MARKS).filter(isThere),
    };
  }
}

function push<T>(list: T[], item: T, most: number): void {
  if (list.push(item) === 2 * most) list.splice(0, most);
}

function after<T extends { seq: number }>(seq: number, list: readonly T[], most: number): T[] {
  const start = list.findLastIndex((item) => item.seq <= seq) + 1;
  return list.slice(Math.max(start, list.length - most));
}

/** A span that may have more to come. */
type OpenSpan = { -readonly [Key in keyof Span]: Span[Key] };
