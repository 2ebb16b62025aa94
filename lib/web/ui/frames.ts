/**
 * Calls `draw` before each frame while `target` is on the screen.
 *
 * @param draw Given the moment of the frame, by `performance.now()`, and whether it is the first since `target`
 * came onto the screen.
 */
export function eachFrameWhileVisible(
  target: Element,
  draw: (nowMs: number, isFirst: boolean) => void,
): void {
  let request: number | undefined;
  let isFirst = true;
  const frame = (now: number) => {
    request = requestAnimationFrame(frame);
    draw(now, isFirst);
    isFirst = false;
  };
  const begin = () => {
    if (request !== undefined) cancelAnimationFrame(request);
    isFirst = true;
    request = requestAnimationFrame(frame);
  };
  new IntersectionObserver((entries) => {
    const { isIntersecting } = entries.at(-1)!;
    if (isIntersecting && request === undefined) begin();
    if (isIntersecting || request === undefined) return;
    cancelAnimationFrame(request);
    request = undefined;
  }).observe(target);
  // A hidden page has no frames, and nobody misses them.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && request !== undefined) begin();
  });
}
