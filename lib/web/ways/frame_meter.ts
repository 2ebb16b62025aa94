/** How long the page's frames took over some time. */
export interface FrameSummary {
  /** How many there were. */
  readonly frames: number;
  /** Milliseconds from one to the next. 0 if there was none. */
  readonly medianMs: number;
  readonly longestMs: number;
}

interface Frame {
  readonly atMs: number;
  /** Since the one before. */
  readonly tookMs: number;
}

/** Remembers when the page's frames were, to tell how free its thread is. */
export class FrameMeter {
  readonly #rememberMs: number;
  #frames: Frame[] = [];
  #lastMs: number | undefined;

  /** @param rememberMs How far back. Default: for ever. */
  constructor(rememberMs = Infinity) {
    this.#rememberMs = rememberMs;
  }

  /** Takes note of a frame. */
  frame(nowMs: number): void {
    if (this.#lastMs !== undefined) {
      this.#frames.push({ atMs: nowMs, tookMs: nowMs - this.#lastMs });
    }
    this.#lastMs = nowMs;
    const first = this.#frames.findIndex(({ atMs }) => atMs > nowMs - this.#rememberMs);
    // Not one by one: moving the rest would cost more than the frame.
    if (first > 200) this.#frames.splice(0, first);
  }

  /** Nobody has looked since the latest frame: the next one is not late. */
  resume(): void {
    this.#lastMs = undefined;
  }

  /** The frames after a moment. */
  since(ms: number): readonly Frame[] {
    return this.#frames.filter(({ atMs }) => atMs > ms);
  }

  /**
   * Sums up the frames between two moments. One that began in between and came after them counts as long, and
   * not as one of them.
   */
  summary(fromMs: number, toMs: number): FrameSummary {
    const begun = this.since(fromMs).filter(({ atMs, tookMs }) => atMs - tookMs <= toMs);
    const during = begun.filter(({ atMs }) => atMs <= toMs);
    const sorted = during.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    return {
      frames: during.length,
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
      longestMs: begun.reduce((longest, { tookMs }) => Math.max(longest, tookMs), 0),
    };
  }
}

/** Measures frames from now on, whether the page is looked at or not. @returns Ends it, and sums up. */
export function measureFrames(): (fromMs: number, toMs: number) => FrameSummary {
  const meter = new FrameMeter();
  // What keeps the thread from now on is in the first one.
  meter.frame(performance.now());
  let request: number;
  const frame = () => {
    // Not the frame's own time: that is when it was due, and not when this thread came to it.
    meter.frame(performance.now());
    request = requestAnimationFrame(frame);
  };
  request = requestAnimationFrame(frame);
  return (fromMs, toMs) => {
    cancelAnimationFrame(request);
    return meter.summary(fromMs, toMs);
  };
}
