import type { ActivityEvent, Mark, RunningCall, Span } from "../../hono/mod.ts";
import type { SlotState } from "../../pool/mod.ts";

/** How far back the picture goes, in milliseconds. */
export const WINDOW_MS = 12_000;

/**
 * How far behind the present it is drawn. Events come every 250 ms: any nearer, and a bar would first grow
 * beyond its end and then jump back.
 */
export const BEHIND_MS = 350;

/** A call that is not over, or was not when it was drawn. */
export interface Growing extends Omit<RunningCall, "runningMs"> {
  readonly startMs: number;
}

/** How many calls waited, from some moment on. */
export interface Level {
  readonly atMs: number;
  readonly waiting: number;
  /** How many of them wait in the lane of the long ones. */
  readonly waitingLong: number;
}

/** What there is to draw. All moments are the service's. */
export interface Scene {
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
  readonly running: readonly Growing[];
  readonly states: readonly SlotState[];
  /** In order. */
  readonly levels: readonly Level[];
}

/** What the workers did in the last seconds, gathered from events. */
export class Picture implements Scene {
  spans: readonly Span[] = [];
  marks: readonly Mark[] = [];
  running: readonly Growing[] = [];
  states: readonly SlotState[] = [];
  levels: readonly Level[] = [];
  #lastSeq = 0;

  /** Takes in an event. */
  add({ now, waiting, waitingLong, states, running, spans, marks }: ActivityEvent): void {
    const isNew = ({ seq }: { seq: number }) => seq > this.#lastSeq;
    this.spans = [...this.spans, ...spans.filter(isNew)];
    this.marks = [...this.marks, ...marks.filter(isNew)];
    this.#lastSeq = Math.max(this.#lastSeq, spans.at(-1)?.seq ?? 0, marks.at(-1)?.seq ?? 0);
    this.running = running.map(({ runningMs, ...call }) => ({ ...call, startMs: now - runningMs }));
    this.states = states;
    this.levels = [...this.levels, { atMs: now, waiting, waitingLong }];
    this.forget(now);
  }

  /** Drops what has left the picture by a moment. */
  forget(now: number): void {
    const before = now - WINDOW_MS - BEHIND_MS;
    this.spans = this.spans.filter(({ endMs }) => endMs > before);
    this.marks = this.marks.filter(({ atMs }) => atMs > before);
    // The last one before still holds at the left edge.
    const first = this.levels.findLastIndex(({ atMs }) => atMs <= before);
    if (first > 0) this.levels = this.levels.slice(first);
  }

  /** Another service has taken its place: nothing of the old one holds. */
  clear(): void {
    this.spans =
      this.marks =
      this.running =
      this.states =
      this.levels =
        [];
    this.#lastSeq = 0;
  }

  /** What there is now, left alone by what comes. */
  get scene(): Scene {
    const { spans, marks, running, states, levels } = this;
    return { spans, marks, running, states, levels };
  }
}

/** @returns Whether a scene is not the same from one moment to the next. */
export function isMoving({ spans, marks, running, levels }: Scene): boolean {
  return spans.length + marks.length + running.length > 0 ||
    levels.some(({ waiting }) => waiting > 0);
}
