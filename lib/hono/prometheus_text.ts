import type { HistogramSnapshot } from "@off-the-loop/pool";

/** Labels by name. */
export type Labels = Readonly<Record<string, string | number>>;

/** The labels and the value of a sample. */
export type Sample<Of extends Labels = Labels, Value = number> = readonly [
  labels: Of,
  value: Value,
];

/** The samples of one family, or the value of its only sample, which has no labels. */
export type Samples<Value> = Iterable<Sample<Labels, Value>> | Value;

/**
 * Writes metrics in Prometheus' text format, version 0.0.4:
 * {@link https://prometheus.io/docs/instrumenting/exposition_formats/}.
 *
 * Own code, because prom-client takes 40 ms to import, more than all the rest of the service, and 3 µs to count a
 * request, against 0.2 for the plain counters of `metrics.ts`.
 */
export class PrometheusText {
  /** The media type of the format. */
  static readonly contentType = "text/plain; version=0.0.4; charset=utf-8";
  /** What the names begin with that are written from now on. */
  prefix = "";
  #text = "";

  /** Writes a value that only goes up. */
  counter(name: string, help: string, samples: Samples<number>): void {
    this.#family(name, help, "counter");
    for (const [labels, value] of each(samples)) this.#sample(name, labels, value);
  }

  /** Writes a value that goes up and down. */
  gauge(name: string, help: string, samples: Samples<number>): void {
    this.#family(name, help, "gauge");
    for (const [labels, value] of each(samples)) this.#sample(name, labels, value);
  }

  /** Writes histograms of milliseconds in seconds, as is the convention. */
  histogram(name: string, help: string, samples: Samples<HistogramSnapshot>): void {
    this.#family(name, help, "histogram");
    for (const [labels, { bounds, counts, count, sum }] of each(samples)) {
      let atMost = 0;
      bounds.forEach((bound, i) => {
        atMost += counts[i];
        const le = bound === Infinity ? "+Inf" : bound / 1000;
        this.#sample(`${name}_bucket`, { ...labels, le }, atMost);
      });
      this.#sample(`${name}_sum`, labels, sum / 1000);
      this.#sample(`${name}_count`, labels, count);
    }
  }

  /** Returns everything that was written. */
  toString(): string {
    return this.#text;
  }

  #family(name: string, help: string, type: string): void {
    const full = this.prefix + name;
    this.#text += `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n`;
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escape(String(value))}"`);
    this.#text += `${this.prefix}${name}${pairs.length > 0 ? `{${pairs}}` : ""} ${value}\n`;
  }
}

function each<Value extends number | HistogramSnapshot>(
  samples: Samples<Value>,
): Iterable<Sample<Labels, Value>> {
  const isList = typeof samples === "object" && Symbol.iterator in samples;
  return isList ? samples : [[{}, samples]];
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
