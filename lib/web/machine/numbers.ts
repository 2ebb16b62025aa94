import type { StatsEvent } from "../../hono/mod.ts";
import { type Chart, sparkline } from "../ui/chart.ts";
import { element, show } from "../ui/dom.ts";
import { bytes, count, duration, percent, rate } from "../ui/format.ts";
import {
  answered,
  cacheCalls,
  type Quantiles,
  type Reading,
  Readings,
  refused,
} from "./readings.ts";

/** The numbers below the picture. */
export class Numbers {
  readonly #readings = new Readings();
  readonly #sparks: readonly [Chart, (reading: Reading) => number | undefined][] = [
    [spark("answers"), ({ answersPerS }) => answersPerS],
    [spark("refused"), ({ refusedPerS }) => refusedPerS],
    [spark("wait"), ({ wait }) => wait?.p99],
    [spark("run"), ({ run }) => run?.p99],
    [spark("lag"), ({ lagMs }) => lagMs],
    [spark("hits"), ({ hitRate }) => hitRate],
  ];

  show(event: StatsEvent): void {
    const reading = this.#readings.add(event);
    const { cache, eventLoopLag } = event;
    const { all, hits } = cacheCalls(event);
    const texts = {
      "answers-rate": rate(reading.answersPerS),
      "answers-total": `${count(answered(event))} in total`,
      "refused-rate": rate(reading.refusedPerS),
      "refused-total": `${count(refused(event))} in total`,
      "wait": both(reading.wait),
      "run": both(reading.run),
      "lag": duration(reading.lagMs),
      "lag-minute": `last minute ${duration(eventLoopLag.lastMinute.maxMs)}`,
      "hits": reading.hitRate === undefined ? "–" : percent(reading.hitRate),
      "cache-size": cache
        ? `${count(hits)} of ${count(all)}, ${bytes(cache.bytes)}`
        : "there is no cache",
    };
    for (const [id, text] of Object.entries(texts)) show(element(id, HTMLElement), text);
    const { history } = this.#readings;
    const x = history.map((_, i) => i - history.length + 1);
    for (const [chart, value] of this.#sparks) {
      chart.show([x, history.map((reading) => value(reading) ?? null)]);
    }
  }
}

function spark(name: string): Chart {
  return sparkline(element(`${name}-spark`, HTMLElement));
}

function both(quantiles: Quantiles | undefined): string {
  return quantiles ? `${duration(quantiles.p50)} · ${duration(quantiles.p99)}` : "–";
}
