import { problemOf } from "../problem.ts";
import { answerPath, parseAlgorithm, parseN, type Question, wrongN } from "../question.ts";
import { bars, type Chart, chart } from "../ui/chart.ts";
import { element, exchange, show } from "../ui/dom.ts";
import { count, duration, rate } from "../ui/format.ts";
import { buckets, quantilesOf } from "./latencies.ts";
import { type LoadResult, runLoad } from "./load_run.ts";

const LIMITS = { requests: 100_000, concurrency: 100 };
/** Between two drawings of a run: more often would be a load of its own. */
const DRAW_EVERY_MS = 100;

/** What the form says. */
interface Load {
  readonly question: Question;
  readonly requests: number;
  readonly concurrency: number;
}

/**
 * The section that sends many requests at once.
 *
 * @param announce Tells assistive technology.
 */
export function startLoading(announce: (text: string) => void): void {
  const send = element("load-send", HTMLButtonElement);
  const cancel = element("load-cancel", HTMLButtonElement);
  const error = element("load-error", HTMLParagraphElement);
  const fresh = element("load-fresh", HTMLInputElement);
  const histogram = latencyChart();
  let running: AbortController | undefined;

  element("load-form", HTMLFormElement).addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) return;
    const load = read();
    show(error, typeof load === "string" ? load : "");
    if (typeof load === "string") return;
    const controller = running = new AbortController();
    exchange(send, cancel);
    announce(`Sending ${count(load.requests)} requests`);
    const result = await run(load, fresh.checked, controller.signal, histogram);
    running = undefined;
    exchange(cancel, send);
    const end = controller.signal.aborted ? "Cancelled" : "Done";
    announce(
      `${end}: ${count(result.latenciesMs.length)} answered, ${count(result.refused)} refused, ` +
        `${count(result.failed)} failed`,
    );
  });
  cancel.addEventListener("click", () => running?.abort());
}

/** @returns What the form says, or what is wrong with it. */
function read(): Load | string {
  const value = (name: string) => element(`load-${name}`, HTMLInputElement).value;
  const n = parseN(value("n"));
  if (n === undefined) return wrongN(value("n"));
  const [requests, concurrency] = [parseN(value("requests")), parseN(value("concurrency"))].map(
    Number,
  );
  if (!(requests >= 1 && requests <= LIMITS.requests)) {
    return `Requests must be a number from 1 to ${count(LIMITS.requests)}`;
  }
  if (!(concurrency >= 1 && concurrency <= LIMITS.concurrency)) {
    return `At a time must be a number from 1 to ${LIMITS.concurrency}`;
  }
  const algorithm = parseAlgorithm(element("load-algorithm", HTMLSelectElement).value)!;
  return { question: { n, algorithm }, requests, concurrency };
}

async function run(
  { question, requests, concurrency }: Load,
  fresh: boolean,
  signal: AbortSignal,
  histogram: Chart,
): Promise<LoadResult> {
  const path = answerPath(question);
  const headers = { accept: "text/plain", "cache-control": fresh ? "no-cache" : "max-age=0" };
  let drawnAt = 0;
  const result = await runLoad({
    requests,
    concurrency,
    signal,
    async send(signal) {
      // Without credentials the browser uses other connections than for `/events`, which holds one of six.
      const response = await fetch(path, {
        signal,
        headers,
        cache: "no-store",
        credentials: "omit",
      });
      const text = await response.text();
      if (response.status === 503) return "refused";
      if (response.ok) return "answered";
      const { title, detail } = problemOf(response, text);
      throw new Error(`${title}: ${detail}`);
    },
    onProgress(result) {
      if (performance.now() - drawnAt < DRAW_EVERY_MS) return;
      drawnAt = performance.now();
      showResult(result, requests, histogram);
    },
  });
  showResult(result, requests, histogram);
  return result;
}

function showResult(result: LoadResult, requests: number, histogram: Chart): void {
  const { latenciesMs, refused, failed, failure, elapsedMs } = result;
  const [p50, p99] = quantilesOf(latenciesMs, [0.5, 0.99]);
  show(element("load-error", HTMLParagraphElement), failure ? `First failure: ${failure}` : "");
  const all = latenciesMs.length + refused + failed;
  element("load-progress", HTMLProgressElement).value = all / requests;
  const texts = {
    ok: count(latenciesMs.length),
    refused: count(refused),
    failed: count(failed),
    rate: p50 === undefined ? "–" : rate(latenciesMs.length / elapsedMs * 1000),
    p50: p50 === undefined ? "–" : duration(p50),
    p99: p99 === undefined ? "–" : duration(p99),
  };
  for (const [name, text] of Object.entries(texts)) {
    show(element(`load-${name}`, HTMLElement), text);
  }
  const bars = buckets(latenciesMs);
  histogram.show([bars.map(({ toMs }) => Math.log2(toMs)), bars.map(({ count }) => count)]);
  element("load-chart", HTMLDivElement).ariaLabel = p50 === undefined
    ? "No latencies yet"
    : `Latencies: half within ${texts.p50}, 99 of 100 within ${texts.p99}`;
}

function latencyChart(): Chart {
  return chart(element("load-chart", HTMLDivElement), {
    height: 150,
    series: ({ accent }) => [bars(accent)],
    axes: ({ muted, line }) => [
      {
        stroke: muted,
        grid: { show: false },
        ticks: { stroke: line },
        incrs: [0.5, 1, 2, 4],
        values: (_, octaves) => octaves.map((octave) => duration(2 ** octave)),
        space: 64,
      },
      { stroke: muted, grid: { stroke: line }, ticks: { show: false }, size: 44 },
    ],
    scales: {
      x: { time: false, range: (_, min, max) => min === null ? [0, 4] : [min - 0.5, max + 0.25] },
      y: { range: (_, __, max) => [0, Math.max(4, max)] },
    },
  });
}
