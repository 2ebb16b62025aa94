import uPlot from "uplot";
import { followTheme, type Theme } from "./theme.ts";

/** What to draw, and how. */
export interface ChartOptions {
  /** Pixels. As wide as its container it is by itself. */
  readonly height: number;
  /** The series after x, and how each looks. */
  readonly series: (theme: Theme) => uPlot.Series[];
  /** Default: none, and the lines fill the whole. */
  readonly axes?: (theme: Theme) => uPlot.Axis[];
  readonly scales?: uPlot.Scales;
}

/** A chart that follows its container's width and the page's colours. */
export interface Chart {
  /** Shows other data: x first. */
  show(data: uPlot.AlignedData): void;
}

/** Puts a chart into a container. */
export function chart(container: HTMLElement, options: ChartOptions): Chart {
  let plot: uPlot | undefined;
  let data: uPlot.AlignedData = [[], ...options.series({} as Theme).map(() => [])] as never;
  followTheme((theme) => {
    plot?.destroy();
    plot = new uPlot(
      {
        width: container.clientWidth,
        height: options.height,
        padding: options.axes ? [8, 28, 4, 0] : [4, 0, 2, 0],
        cursor: { show: false },
        select: { show: false } as uPlot.Select,
        legend: { show: false },
        scales: { x: { time: false }, ...options.scales },
        axes: options.axes?.(theme) ?? [{ show: false }, { show: false }],
        series: [{}, ...options.series(theme)],
      },
      data,
      container,
    );
  });
  new ResizeObserver(([{ contentRect: { width } }]) => {
    if (width > 0) plot!.setSize({ width, height: options.height });
  }).observe(container);
  return {
    show(shown) {
      data = shown;
      // What nobody sees need not be drawn.
      if (container.checkVisibility()) plot!.setData(data);
    },
  };
}

/** A series of bars, each of which ends at its x. */
export function bars(fill: string): uPlot.Series {
  const paths = uPlot.paths.bars!({ size: [0.94, 60], align: -1 });
  return { fill, stroke: fill, width: 0, points: { show: false }, paths };
}

/** A series of durations, each of which ends at its x. */
export function steps(stroke: string): uPlot.Series {
  return {
    stroke,
    width: 1.5,
    points: { show: false },
    paths: uPlot.paths.stepped!({ align: -1 }),
  };
}

/** A line over the last minute without axes, from 0 up: how something went, not how much it was. */
export function sparkline(container: HTMLElement): Chart {
  return chart(container, {
    height: 28,
    series: ({ accent }) => [{
      stroke: accent,
      width: 1.5,
      points: { show: false },
      spanGaps: false,
    }],
    scales: {
      x: { time: false, range: () => [-60, 0] },
      y: { range: (_, __, max) => [0, Math.max(max, 1e-3) * 1.05] },
    },
  });
}
