import type { Mark, Span } from "../../hono/mod.ts";
import type { SlotState } from "../../pool/mod.ts";
import type { Surface } from "../ui/canvas.ts";
import type { Theme } from "../ui/theme.ts";
import { textsOf, type Told } from "./kinds.ts";
import type { Legend } from "./legend.ts";
import { type Growing, type Scene, WINDOW_MS } from "./picture.ts";

/** Pixels left of the lanes, for their names. */
const GUTTER = 30;
/** Pixels above them, for the queue. */
const QUEUE_HEIGHT = 44;
/** Pixels below them, for the seconds. */
const AXIS_HEIGHT = 20;
/** What the lanes share, as long as each has room for text. What they need beyond is scrolled, from some point on. */
const LANES_HEIGHT = { least: 168, most: 360 };
const LANE = { least: 18, most: 168 };
/** Pixels: what is there is seen, however short it was. */
const LEAST_WIDTH = 1.5;
/** About what a digit takes. To measure each text in each frame would cost more than to draw it. */
const DIGIT_WIDTH = 7;
/** Pixels between a bar and the edges of its lane. */
const PADDING = 2;
const FONT = "12px ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace";

/** States that a person should know of. */
const NEWS: ReadonlySet<SlotState> = new Set([
  "starting",
  "cancelling",
  "restarting",
  "wedged",
  "failed",
  "closed",
]);

/** How high things are, in pixels. */
export interface Heights {
  readonly lane: number;
  /** What is seen at once: queue, axis, and as many lanes as there is room for. */
  readonly canvas: number;
  /** Lanes that there is no room for. */
  readonly hidden: number;
}

/** @returns How high things are with so many lanes. */
export function heightsFor(lanes: number): Heights {
  const lane = Math.floor(LANES_HEIGHT.least / Math.max(1, lanes));
  const bounded = Math.min(LANE.most, Math.max(LANE.least, lane));
  const needed = Math.max(LANES_HEIGHT.least, bounded * lanes);
  const seen = Math.min(needed, LANES_HEIGHT.most);
  return { lane: bounded, canvas: QUEUE_HEIGHT + seen + AXIS_HEIGHT, hidden: needed - seen };
}

/**
 * Draws the picture: the queue's length on top, a lane for each worker below it, and time from left to right.
 *
 * ```
 *      ▁▁▂▂▅▅▂▂▁▁            waiting, long calls at the bottom
 *   0  ████ ███████ ██
 *   1   ██████  ████▒        a colour for each kind, … cancelled
 *      -8 s   -4 s    now
 * ```
 *
 * @param nowMs The moment at the right edge.
 * @param edge What to call it.
 * @param scrolled How many pixels of the lanes are above those that are seen.
 */
export function drawLanes(
  { context, width, height }: Surface,
  { spans, marks, running, states, levels }: Scene,
  theme: Theme,
  legend: Legend,
  nowMs: number,
  edge: string,
  scrolled: number,
): void {
  const { lane } = heightsFor(states.length);
  const bottom = height - AXIS_HEIGHT;
  const scale = (width - GUTTER) / WINDOW_MS;
  const x = (ms: number) => width - (nowMs - ms) * scale;
  context.fillStyle = theme.card;
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  drawAxis();
  drawQueue();
  context.save();
  context.beginPath();
  context.rect(0, QUEUE_HEIGHT, width, bottom - QUEUE_HEIGHT);
  context.clip();
  states.forEach((state, slot) => isSeen(slot) && drawLane(slot, state));
  context.beginPath();
  context.rect(GUTTER, QUEUE_HEIGHT, width - GUTTER, bottom - QUEUE_HEIGHT);
  context.clip();
  for (const span of spans) if (isSeen(span.slot)) drawSpan(span);
  for (const call of running) if (isSeen(call.slot)) drawGrowing(call);
  for (const mark of marks) if (isSeen(mark.slot)) drawMark(mark);
  states.forEach((state, slot) => isSeen(slot) && drawNews(slot, state));
  context.restore();

  function top(slot: number): number {
    return QUEUE_HEIGHT + slot * lane - scrolled;
  }

  function isSeen(slot: number): boolean {
    return top(slot) + lane > QUEUE_HEIGHT && top(slot) < bottom;
  }

  function drawAxis(): void {
    const y = height - AXIS_HEIGHT / 2;
    context.textAlign = "center";
    for (let s = 0; s * 1000 < WINDOW_MS; s += 2) {
      const at = Math.round(width - s * 1000 * scale) - 0.5;
      context.fillStyle = theme.line;
      if (s > 0) context.fillRect(at, QUEUE_HEIGHT, 1, height - QUEUE_HEIGHT - AXIS_HEIGHT);
      context.fillStyle = theme.muted;
      if (s > 0 && s % 4 === 0) context.fillText(`${s} s ago`, at, y);
    }
    context.textAlign = "right";
    context.fillText(edge, width - 2, y);
    context.textAlign = "left";
  }

  function drawQueue(): void {
    const most = Math.max(4, ...levels.map(({ waiting }) => waiting));
    const room = QUEUE_HEIGHT - 20;
    const ground = QUEUE_HEIGHT - 4;
    context.fillStyle = theme.warn;
    levels.forEach(({ atMs, waiting, waitingLong }, i) => {
      if (waiting === 0) return;
      const from = Math.max(GUTTER, x(atMs));
      const to = i + 1 < levels.length ? x(levels[i + 1].atMs) : width;
      if (to <= from) return;
      const level = Math.max(2, waiting / most * room);
      const long = waitingLong / waiting * level;
      context.globalAlpha = 0.5;
      context.fillRect(from, ground - level, to - from, level - long);
      context.globalAlpha = 1;
      context.fillRect(from, ground - long, to - from, long);
    });
    context.fillStyle = theme.line;
    context.fillRect(GUTTER, ground, width - GUTTER, 1);
    context.fillStyle = theme.muted;
    const { waiting = 0, waitingLong = 0 } = levels.at(-1) ?? {};
    const long = waitingLong > 0 ? `, ${waitingLong} of them long` : "";
    context.fillText(`queue ${waiting}${long}`, GUTTER, 8);
  }

  function drawLane(slot: number, state: SlotState): void {
    const y = top(slot);
    context.fillStyle = theme.line;
    context.fillRect(GUTTER, y + lane - 1, width - GUTTER, 1);
    if (state !== "idle" && state !== "busy") {
      context.globalAlpha = 0.12;
      context.fillStyle = state === "cancelling" || state === "starting" ? theme.warn : theme.bad;
      context.fillRect(GUTTER, y, width - GUTTER, lane - 1);
      context.globalAlpha = 1;
    }
    context.fillStyle = theme.muted;
    context.textAlign = "right";
    context.fillText(String(slot), GUTTER - 8, y + lane / 2);
    context.textAlign = "left";
  }

  function drawSpan(span: Span): void {
    const { slot, startMs, endMs, busyMs, runs, end } = span;
    const from = x(startMs);
    const to = Math.min(width, x(endMs));
    if (to < GUTTER || from > width) return;
    // By what it is of its pixels: a bar can't be narrower than it takes to be seen.
    const shownMs = Math.max(endMs - startMs, LEAST_WIDTH / scale);
    context.globalAlpha = 0.2 + 0.8 * Math.min(1, busyMs / shownMs);
    drawBar(slot, from, to, theme[legend.colourOf(span)]);
    context.globalAlpha = 1;
    drawText(slot, from, to, span, runs);
    if (end !== "done") drawEnd(slot, from, to, end);
  }

  function drawGrowing(call: Growing): void {
    const { slot, startMs } = call;
    if (startMs > nowMs) return;
    drawBar(slot, x(startMs), width, theme[legend.colourOf(call)]);
    drawText(slot, x(startMs), width, call, 1);
  }

  function drawBar(slot: number, from: number, to: number, colour: string): void {
    context.fillStyle = colour;
    context.fillRect(
      from,
      top(slot) + PADDING,
      Math.max(LEAST_WIDTH, to - from - 0.5),
      lane - 2 * PADDING - 1,
    );
  }

  function drawText(slot: number, from: number, to: number, told: Told, runs: number): void {
    const left = Math.max(from, GUTTER) + 5;
    const most = (to - left - 6) / DIGIT_WIDTH;
    if (most < 1) return;
    const text = textsOf(told, runs, legend.kinds).find(({ length }) => length <= most);
    if (text === undefined) return;
    context.fillStyle = theme["on-bar"];
    context.fillText(text, left, top(slot) + lane / 2);
  }

  /** Cancelled: hatched at its end. Failed or lost: closed off in red. */
  function drawEnd(slot: number, from: number, to: number, end: Span["end"]): void {
    const y = top(slot) + PADDING;
    const high = lane - 2 * PADDING - 1;
    if (end !== "stopped") {
      context.fillStyle = theme.bad;
      context.fillRect(to - 4, y - 2, 4, high + 4);
      return;
    }
    const left = Math.max(from, to - 18);
    context.fillStyle = theme.card;
    for (let stripe = left + 2; stripe + 9 <= to; stripe += 6) {
      context.beginPath();
      context.moveTo(stripe, y + high);
      context.lineTo(stripe + 3, y + high);
      context.lineTo(stripe + 9, y);
      context.lineTo(stripe + 6, y);
      context.fill();
    }
  }

  function drawMark({ slot, atMs, type }: Mark): void {
    const at = x(atMs);
    if (type === "ready" || type === "unwedged" || at < GUTTER || at > width) return;
    const y = top(slot) + lane / 2 - 0.5;
    const arm = Math.min(7, lane / 2 - 3);
    context.strokeStyle = theme.bad;
    context.lineWidth = 3;
    context.beginPath();
    context.moveTo(at - arm, y - arm);
    context.lineTo(at + arm, y + arm);
    context.moveTo(at + arm, y - arm);
    context.lineTo(at - arm, y + arm);
    context.stroke();
  }

  /** At the right edge, as it is the present that it tells of. */
  function drawNews(slot: number, state: SlotState): void {
    if (!NEWS.has(state)) return;
    const wide = state.length * DIGIT_WIDTH + 14;
    context.fillStyle = state === "starting" || state === "cancelling" ? theme.warn : theme.bad;
    context.fillRect(width - wide, top(slot) + PADDING, wide, lane - 2 * PADDING - 1);
    context.fillStyle = theme["on-bar"];
    context.fillText(state, width - wide + 7, top(slot) + lane / 2);
  }
}
