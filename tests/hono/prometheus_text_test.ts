import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Histogram } from "../../lib/pool/histogram.ts";
import { Metrics } from "../../lib/hono/metrics.ts";
import { PrometheusText } from "../../lib/hono/prometheus_text.ts";
import { poolStats } from "../http/fakes.ts";

const NAMES = ["fib_", "algorithm"] as const;

/** A sample as a scraper reads it. */
interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const VALUE = String.raw`[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Infinity|Inf)|NaN`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (${VALUE})$`);
const COMMENT = new RegExp(`^# (?:HELP ${NAME} .*|TYPE ${NAME} (?:counter|gauge|histogram))$`);
const ESCAPED: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/**
 * Reads the format by its grammar.
 *
 * @throws {AssertionError} If a line is not in it.
 */
function parse(text: string): ParsedSample[] {
  assert(text === "" || text.endsWith("\n"), "the last line has no end");
  const samples: ParsedSample[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    if (line.startsWith("#")) {
      assertMatch(line, COMMENT);
      continue;
    }
    assertMatch(line, SAMPLE);
    const [, name, labels = "", value] = SAMPLE.exec(line)!;
    const pairs = [...labels.matchAll(new RegExp(LABEL, "g"))].map(([pair]) => {
      const at = pair.indexOf("=");
      const quoted = pair.slice(at + 2, -1);
      return [pair.slice(0, at), quoted.replaceAll(/\\./g, (escaped) => ESCAPED[escaped])];
    });
    samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return samples;
}

Deno.test("PrometheusText writes help, type and samples, a line each", () => {
  const text = new PrometheusText();
  text.counter("calls_total", "Calls.", [[{ method: "GET", status: 200 }, 3], [{}, 0]]);
  text.gauge("load", "Now.", []);
  assertEquals(
    text.toString(),
    [
      "# HELP calls_total Calls.",
      "# TYPE calls_total counter",
      'calls_total{method="GET",status="200"} 3',
      "calls_total 0",
      "# HELP load Now.",
      "# TYPE load gauge",
      "",
    ].join("\n"),
  );
});

Deno.test.each([
  ['"', String.raw`\"`],
  ["\\", String.raw`\\`],
  ["\n", String.raw`\n`],
  ["\\n", String.raw`\\n`],
  ['\\"\n', String.raw`\\\"\n`],
  ["a,b={}", "a,b={}"],
  ["５\t\r", "５\t\r"],
])("PrometheusText escapes the label value %o", (value, escaped) => {
  const text = new PrometheusText();
  text.gauge("g", "Help.", [[{ label: value }, 1]]);
  assertEquals(text.toString().split("\n")[2], `g{label="${escaped}"} 1`);
});

Deno.test("PrometheusText is read back as it was written, whatever the labels and values", () => {
  const labels = fc.dictionary(
    fc.constantFrom("a", "b_1", "_c"),
    fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', "\\", "\n", "n", ",", "}") })),
    { noNullPrototype: true },
  );
  const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(fc.property(fc.array(fc.tuple(labels, value)), (samples) => {
    const text = new PrometheusText();
    text.gauge("g", "Help.", samples);
    assertEquals(
      parse(text.toString()),
      samples.map(([labels, value]) => ({ name: "g", labels, value: value + 0 })),
    );
  }));
});

Deno.test("PrometheusText.histogram() cumulates its buckets, up to +Inf, which is the count", () => {
  const text = new PrometheusText();
  const snapshot = { bounds: [250, 500, Infinity], counts: [2, 0, 3], count: 5, sum: 12_500 };
  text.histogram("h_seconds", "Help.", [[{ route: "/" }, snapshot]]);
  assertEquals(text.toString().split("\n").slice(2, -1), [
    'h_seconds_bucket{route="/",le="0.25"} 2',
    'h_seconds_bucket{route="/",le="0.5"} 2',
    'h_seconds_bucket{route="/",le="+Inf"} 5',
    'h_seconds_sum{route="/"} 12.5',
    'h_seconds_count{route="/"} 5',
  ]);
});

/** Asserts what every histogram must hold, and that there are as many as expected. */
function assertHistograms(samples: readonly ParsedSample[], series: number): void {
  const buckets = Map.groupBy(
    samples.filter(({ name }) => name.endsWith("_bucket")),
    ({ name, labels: { le: _, ...labels } }) =>
      `${name.replace(/_bucket$/, "")} ${JSON.stringify(labels)}`,
  );
  assertEquals(buckets.size, series);
  for (const [key, all] of buckets) {
    const bounds = all.map(({ labels }) => labels.le === "+Inf" ? Infinity : Number(labels.le));
    const values = all.map(({ value }) => value);
    const ascends = (list: number[]) => list.every((each, i) => i === 0 || list[i - 1] <= each);
    assert(ascends(bounds) && ascends(values), key);
    assertEquals(bounds.at(-1), Infinity, key);
    const at = (suffix: string) =>
      samples.find(({ name, labels }) =>
        `${name} ${JSON.stringify(labels)}` ===
          key.replace(" ", `${suffix} `)
      )?.value;
    assertEquals(at("_count"), values.at(-1), key);
    assert(at("_sum")! >= 0, key);
  }
}

Deno.test("PrometheusText.histogram() has +Inf equal to the count, whatever was recorded", () => {
  const anyMs = fc.double({ min: 0, max: 1e9, noNaN: true });
  fc.assert(fc.property(fc.array(anyMs), fc.array(anyMs), (some, others) => {
    const text = new PrometheusText();
    const histograms = [some, others].map((values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      return histogram.snapshot();
    });
    text.histogram("h", "Help.", [[{ of: "some" }, histograms[0]], [
      { of: "others" },
      histograms[1],
    ]]);
    const samples = parse(text.toString());
    assertHistograms(samples, 2);
    const counts = samples.filter(({ name }) => name === "h_count").map(({ value }) => value);
    assertEquals(counts, [some.length, others.length]);
  }));
});

Deno.test("Metrics.text() is in the format, whatever was counted", () => {
  const metrics = new Metrics(...NAMES);
  for (const [i, ms] of [0, 0.01, 3, 1e7].entries()) {
    metrics.countRequest("GET", '/:n{[0-9]+}"\\', 200 + i, ms);
    metrics.countCall("naive", { waitMs: ms, runMs: ms });
  }
  const pool = poolStats(["idle"], {
    queue: { length: 0, long: 0, max: 8, predictedWaitMs: 1e-7 },
  });
  const cache = {
    entries: 2,
    bytes: 10,
    maxBytes: 1e21,
    hits: 7,
    misses: 6,
    shared: 5,
    bypassed: 4,
  };
  const text = metrics.text({ pool, cache }, { maxMs: 0.1, meanMs: 1e-9 });
  const samples = parse(text);
  assertHistograms(samples, 6);
  assertEquals(samples.find(({ name }) => name === "fib_cache_max_bytes")?.value, 1e21);
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  // Each family once, in one piece: a scraper refuses it otherwise.
  assertEquals(new Set(types.map(([, name]) => name)).size, types.length);
  let family = "";
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("# HELP ")) family = line.split(" ")[2];
    else if (!line.startsWith("#")) assert(line.startsWith(family), `${line} in ${family}`);
  }
  for (const [, name, type] of types) {
    assertEquals(name.endsWith("_total"), type === "counter", name);
  }
});

Deno.test("Metrics.text() before anything was counted is in the format", () => {
  assertHistograms(
    parse(new Metrics(...NAMES).text({ pool: null, cache: null }, { maxMs: 0, meanMs: 0 })),
    1,
  );
});
