import type { PoolEvent, Run } from "@off-the-loop/pool";

/**
 * A stretch of time in which a worker ran calls: one long call, or many short ones. Plain data.
 *
 * @typeParam Tag What the calls are tagged with: each of its fields is there, `null` where calls differ in it.
 */
export type Span<Tag extends object = Untagged> = SpanBase & Fields<Tag>;

/** Of calls whose tags nobody wants to see. */
export type Untagged = Record<never, never>;

/** The fields of a tag, each of which may be unknown. */
export type Fields<Tag extends object> = { readonly [Name in keyof Tag]: Tag[Name] | null };

/** What is told of every span. */
export interface SpanBase {
  /** Counts the spans and marks of a timeline, from 1. */
  readonly seq: number;
  /** The worker's place in the pool. */
  readonly slot: number;
  /** When it began, by the pool's clock. */
  readonly startMs: number;
  /** When it ended, by the pool's clock. */
  readonly endMs: number;
  /** How much of that time it computed: between short calls there is some that it didn't. */
  readonly busyMs: number;
  /** How many calls it holds. */
  readonly runs: number;
  /** The method they called, if all of them did; else `null`. */
  readonly method: string | null;
  /** How they ended: all alike. */
  readonly end: Run["end"];
}

/** Something that happened to a worker. Plain data. */
export interface Mark {
  /** Counts with the spans'. */
  readonly seq: number;
  /** The worker's place in the pool. */
  readonly slot: number;
  /** When it was heard of, by the pool's clock. */
  readonly atMs: number;
  /** What it was. */
  readonly type: PoolEvent["type"];
}

/** What is read of a {@linkcode Timeline}, in the order of `seq`. */
export interface TimelinePart<Tag extends object = Untagged> {
  /** What the workers ran. */
  readonly spans: readonly Span<Tag>[];
  /** What happened to them. */
  readonly marks: readonly Mark[];
}

/**
 * Runs shorter than this, in milliseconds, and as close together, are one span. Less would make more spans
 * than a picture of some seconds has pixels; more would hide calls that can be told apart in it.
 */
const RESOLUTION_MS = 10;

/** How long calls gather in one span, so that how busy a worker was can be told from one moment to the next. */
const MOST_MS = 250;

/** How many spans are kept. Two workers that are busy with calls of 10 ms fill them in ten seconds. */
const MOST_SPANS = 2048;
/** How many marks are kept. A crash makes two. */
const MOST_MARKS = 256;

/**
 * Remembers what the workers ran lately, as a picture needs it: constant memory, however many calls there are,
 * and about 0.1 µs for each.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Timeline } from "./timeline.ts";
 *
 * const timeline = new Timeline<{ n: number }>(["n"]);
 * const run = { slot: 0, id: 1, method: "fibonacci", end: "done", runMs: 1 } as const;
 * const tag = { n: 20 };
 * for (let i = 0; i < 5; i++) timeline.record({ ...run, tag, startedAt: 2 * i });
 *
 * const [{ startMs, endMs, runs, n }] = timeline.since(0).spans;
 * assertEquals([startMs, endMs, runs, n], [0, 9, 5, 20]);
 * assertEquals(timeline.since(1).spans, []);
 * ```
 */
export class Timeline<Tag extends object = Untagged> {
  /** The fields of tags that are told. */
  readonly fields: readonly (keyof Tag & string)[];
  /** In the order of `seq`, as the marks are. Up to twice as many as are kept: not each costs a copy. */
  readonly #spans: OpenSpan[] = [];
  readonly #marks: Mark[] = [];
  #lastSeq = 0;
  /** By slot: short runs that may have more to come. */
  readonly #open = new Map<number, OpenSpan>();

  /** Makes an empty one. @param fields The fields of tags that are told. Default: none. */
  constructor(fields: readonly (keyof Tag & string)[] = []) {
    this.fields = fields;
  }

  /** Takes note of a run: the pool's `onRun`. */
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
      for (const name of this.fields) {
        if (last[name] !== fieldOf<Tag>(tag, name)) set(last, name, null);
      }
      return;
    }
    const span = {
      seq: ++this.#lastSeq,
      slot,
      startMs: startedAt,
      endMs: startedAt + runMs,
      busyMs: runMs,
      runs: 1,
      method,
      end,
    } as OpenSpan;
    for (const name of this.fields) set(span, name, fieldOf<Tag>(tag, name));
    push(this.#spans, span, MOST_SPANS);
    if (isShort) this.#open.set(slot, span);
    else this.#open.delete(slot);
  }

  /** Takes note of what the pool's `onEvent` told, at a moment by the pool's clock. */
  note({ slot, type }: PoolEvent, atMs: number): void {
    push(this.#marks, { seq: ++this.#lastSeq, slot, atMs, type }, MOST_MARKS);
  }

  /** What a pool is made with so that it tells this timeline: `new WorkerPool({ spawn, ...timeline.hooks })`. */
  get hooks(): { onRun(run: Run): void; onEvent(event: PoolEvent): void } {
    return {
      onRun: (run) => this.record(run),
      onEvent: (event) => this.note(event, performance.now()),
    };
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
  since(seq: number): TimelinePart<Tag> {
    this.#open.clear();
    return {
      spans: after(seq, this.#spans, MOST_SPANS) as unknown[] as Span<Tag>[],
      marks: after(seq, this.#marks, MOST_MARKS),
    };
  }

  /** Reads what is kept up to one that has been read before, and changes nothing. */
  until(seq: number): TimelinePart<Tag> {
    const isThere = (item: { seq: number }) => item.seq <= seq;
    return {
      spans: this.#spans.slice(-MOST_SPANS).filter(isThere) as unknown[] as Span<Tag>[],
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

/** A field of a call's tag; `null` where there is none. */
export function fieldOf<Tag extends object>(tag: unknown, name: keyof Tag & string): unknown {
  return (tag as Tag | undefined)?.[name] ?? null;
}

function set(span: OpenSpan, name: string, value: unknown): void {
  (span as Record<string, unknown>)[name] = value;
}

/** A span that may have more to come, with the fields of its tag. */
type OpenSpan = { -readonly [Key in keyof SpanBase]: SpanBase[Key] } & Record<string, unknown>;
