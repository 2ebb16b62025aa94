/** A canvas with a pixel for each of the screen's, whatever size the layout gives it. */
export class Surface {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels, as everything that is drawn. */
  width = 0;
  height = 0;

  /** @param cleared Told when it has another size, and nothing on it. */
  constructor(canvas: HTMLCanvasElement, cleared = () => {}) {
    this.context = canvas.getContext("2d")!;
    new ResizeObserver(([entry]) => {
      const { inlineSize, blockSize } = entry.contentBoxSize[0];
      const scale = devicePixelRatio;
      this.width = inlineSize;
      this.height = blockSize;
      canvas.width = Math.round(inlineSize * scale);
      canvas.height = Math.round(blockSize * scale);
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      cleared();
    }).observe(canvas);
  }
}
