import type { FibonacciApi } from "../../compute/mod.ts";
import { WorkerPool } from "../../pool/worker_pool.ts";
import { Surface } from "../ui/canvas.ts";
import { chart, steps } from "../ui/chart.ts";
import { element, exchange, make, show } from "../ui/dom.ts";
import { count, duration } from "../ui/format.ts";
import { eachFrameWhileVisible } from "../ui/frames.ts";
import { followTheme, prefersLessMotion, type Theme } from "../ui/theme.ts";
import { drawBall } from "./ball.ts";
import { FrameMeter, type FrameSummary, measureFrames } from "./frame_meter.ts";
import { awaited, onThread, type Outcome, polled, type Way } from "./three_ways.ts";

/** More calls than that say no more, and a machine with many cores would start many workers for them. */
const MOST_WORKERS = 4;
/** How far back the chart goes. */
const REMEMBERED_MS = 10_000;
/** How often the chart is drawn. It must not be what takes the frames' time. */
const DRAW_EVERY_MS = 250;

/** What n may be: below there is nothing to see, above nobody waits for it. */
const N = { least: 20, most: 44 };

/**
 * The section that runs the three ways in the browser, over a ball that shows how free its thread is.
 *
 * @param announce Tells assistive technology.
 */
export function startComparing(announce: (text: string) => void): void {
  startStage();
  const size = Math.min(navigator.hardwareConcurrency, MOST_WORKERS);
  const error = element("ways-error", HTMLParagraphElement);
  const runButtons: HTMLButtonElement[] = [];
  let pool: WorkerPool<FibonacciApi> | undefined;
  let running: AbortController | undefined;

  show(
    element("ways-calls", HTMLParagraphElement),
    `computed ${size} times: on the thread one after the other, in workers at once`,
  );
  show(
    element("ways-isolation", HTMLParagraphElement),
    crossOriginIsolated
      ? "This page is cross-origin isolated: a cancelled call sees that in shared memory, and frees its worker within a millisecond or two."
      : "This page is not cross-origin isolated, so there is no shared memory: a cancelled call costs its worker, which is replaced.",
  );

  /** Started by the first who needs it, and kept: to load workers takes longer than many a call. */
  async function workers(): Promise<WorkerPool<FibonacciApi>> {
    const mine = pool ??= new WorkerPool<FibonacciApi>({
      // The build says where it has put the browser's `worker.ts`.
      spawn: () => new Worker(document.body.dataset.worker!, { type: "module" }),
      size,
    });
    try {
      await mine.ready;
      return mine;
    } catch {
      if (pool === mine) pool = undefined;
      throw new Error("Workers can't be loaded: the service is gone, or has another page now");
    }
  }

  function readN(): number | undefined {
    const value = element("ways-n", HTMLInputElement).valueAsNumber;
    const isFine = Number.isInteger(value) && value >= N.least && value <= N.most;
    show(error, isFine ? "" : `n must be a whole number from ${N.least} to ${N.most}`);
    return isFine ? value : undefined;
  }

  function offer(id: string, way: Way): void {
    const item = element(id, HTMLLIElement);
    const [run, cancel] = item.querySelectorAll("button");
    const result = item.querySelector("dl")!;
    runButtons.push(run);

    async function start(n: number, signal: AbortSignal): Promise<void> {
      item.dataset.state = "running";
      result.replaceChildren(fact("state", "running"));
      await nextFrame(); // Else what has just been said would not be seen before it is over.
      const clickedAt = performance.now();
      const framesDuring = measureFrames();
      try {
        // Loading the workers is not what is compared.
        const pool = way === onThread ? undefined : await workers();
        const onPolls = (polls: number) =>
          result.replaceChildren(fact("state", "running"), fact("times asked", count(polls)));
        const outcome = await way({ n, calls: size, pool: pool!, signal, onPolls });
        const endedAt = performance.now();
        await nextFrame(); // The one that had to wait for all this has to be seen to be measured.
        const frames = framesDuring(endedAt - outcome.tookMs, endedAt);
        result.replaceChildren(...facts(outcome, frames));
        announce(
          `Done in ${duration(outcome.tookMs)}, longest frame ${duration(frames.longestMs)}`,
        );
      } catch (reason) {
        framesDuring(0, 0);
        const text = signal.aborted
          ? `cancelled after ${duration(performance.now() - clickedAt)}`
          : String(reason);
        result.replaceChildren(fact("state", text));
        announce(text);
      } finally {
        item.dataset.state = "ready";
      }
    }

    run.addEventListener("click", async () => {
      const n = readN();
      if (running || n === undefined) return;
      running = new AbortController();
      if (cancel) exchange(run, cancel);
      for (const button of runButtons) button.disabled = true;
      await start(n, running.signal);
      running = undefined;
      for (const button of runButtons) button.disabled = false;
      if (cancel) exchange(cancel, run);
      else if (document.activeElement === document.body) run.focus();
    });
    cancel?.addEventListener("click", () => running?.abort());
  }

  offer("way-thread", onThread);
  offer("way-polled", polled);
  offer("way-pool", awaited);
}

/** Starts ball and chart. */
function startStage(): void {
  const canvas = element("ball", HTMLCanvasElement);
  const surface = new Surface(canvas);
  const meter = new FrameMeter(REMEMBERED_MS);
  let theme!: Theme;
  let frames = 0;
  let drawnAt = 0;
  followTheme((followed) => theme = followed);
  const frameTimes = chart(element("frames-chart", HTMLDivElement), {
    height: 110,
    series: ({ accent }) => [steps(accent)],
    axes: ({ muted, line }) => [
      { show: false },
      {
        stroke: muted,
        grid: { stroke: line },
        ticks: { show: false },
        size: 62,
        values: (_, splits) => splits.map(duration),
      },
    ],
    scales: {
      x: { time: false, range: () => [-REMEMBERED_MS, 0] },
      y: { range: (_, __, max) => [0, Math.max(50, max * 1.05)] },
    },
  });
  eachFrameWhileVisible(element("ways", HTMLElement), (_, isFirst) => {
    // Not the frame's own time: that is when it was due, and not when this thread came to it.
    const now = performance.now();
    if (isFirst) meter.resume();
    meter.frame(now);
    drawBall(surface, theme, now, prefersLessMotion(), ++frames);
    if (now - drawnAt < DRAW_EVERY_MS) return;
    drawnAt = now;
    const shown = meter.since(now - REMEMBERED_MS);
    frameTimes.show([shown.map(({ atMs }) => atMs - now), shown.map(({ tookMs }) => tookMs)]);
  });
}

function facts({ tookMs, polls }: Outcome, { frames, medianMs, longestMs }: FrameSummary): Node[] {
  const all = [
    fact("took", duration(tookMs)),
    fact(
      "frames",
      frames === 0 ? "none" : `${count(frames)}, median ${duration(medianMs)}`,
    ),
    fact("longest frame", duration(longestMs)),
  ];
  return polls === undefined ? all : [...all, fact("times asked", count(polls))];
}

function fact(name: string, text: string): Node {
  return make("div", {}, make("dt", {}, name), make("dd", {}, text));
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) =>
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
  );
}
