import type { Surface } from "../ui/canvas.ts";
import type { Theme } from "../ui/theme.ts";

/** How long the ball takes from one side to the other. */
const CROSSING_MS = 1_400;
const RADIUS = 11;

/**
 * Draws a ball that rolls from side to side: where it is follows from the time alone, so that a frame that
 * comes late shows as a leap.
 *
 * @param isStill For those who want no motion: the frames are counted instead.
 */
export function drawBall(
  { context, width, height }: Surface,
  theme: Theme,
  nowMs: number,
  isStill: boolean,
  frames: number,
): void {
  context.fillStyle = theme.card;
  context.fillRect(0, 0, width, height);
  const middle = height / 2;
  context.fillStyle = theme.line;
  context.fillRect(0, middle + RADIUS, width, 1);
  context.fillStyle = theme.accent;
  if (isStill) {
    context.font = "16px ui-monospace, Menlo, Consolas, monospace";
    context.textBaseline = "middle";
    context.fillText(`frame ${frames}`, RADIUS, middle);
    return;
  }
  const phase = nowMs / CROSSING_MS % 2;
  const x = RADIUS + (phase < 1 ? phase : 2 - phase) * (width - 2 * RADIUS);
  context.beginPath();
  context.arc(x, middle, RADIUS, 0, 2 * Math.PI);
  context.fill();
}
