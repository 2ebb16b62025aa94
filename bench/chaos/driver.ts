/**
 * An open-loop driver: requests leave on schedule, whether or not earlier ones are answered. A latency counts from the
 * moment at which the request should have left, so that a stall is seen by all who would have asked during it.
 *
 * @module
 */

import { quantile } from "../runner/statistics.ts";
import { Asker } from "./asker.ts";
import { exponential, type Random } from "./random.ts";

/** Requests of one kind. */
export interface Stream {
  readonly path: string;
  /** On average: they come at random. */
  readonly perSecond: number;
  /** When it begins and ends, in seconds. Default: with the drive. */
  readonly from?: number;
  readonly to?: number;
  /** What a 200 must have as its body. Default: anything. */
  readonly body?: string;
  /** Gives up so many milliseconds after it was sent, and closes its connection. Default: never. */
  readonly patienceMs?: () => number;
}

/** What became of one request. */
interface Answer {
  /** When it should have left, in milliseconds from the first moment of its stream. */
  readonly at: number;
  readonly latencyMs: number;
}

/** What became of the requests of one stream. */
export class Outcome {
  readonly #answers = new Map<string, Answer[]>();
  readonly #lateMs: number[] = [];
  /** Answers with another body than the right one. */
  wrong = 0;

  /** A request has left. @param lateMs How much later than planned. */
  left(lateMs: number): void {
    this.#lateMs.push(lateMs);
  }

  /** @param end A status, or what else became of it. */
  ended(end: string, answer: Answer): void {
    const known = this.#answers.get(end);
    if (known) known.push(answer);
    else this.#answers.set(end, [answer]);
  }

  /** How many left. */
  get asked(): number {
    return this.#lateMs.length;
  }

  /** How many ended so. */
  count(end: string): number {
    return this.#answers.get(end)?.length ?? 0;
  }

  /** How often each other end came than those named. */
  others(...ends: readonly string[]): string {
    return [...this.#answers].filter(([end]) => !ends.includes(end))
      .map(([end, { length }]) => `${length} × ${end}`).join(", ");
  }

  /** The latency of requests that ended so, in milliseconds. */
  latencyMs(end: string, q: number): number {
    return quantile((this.#answers.get(end) ?? []).map(({ latencyMs }) => latencyMs), q);
  }

  /** The driver's own lateness, in milliseconds. */
  latenessMs(q: number): number {
    return quantile(this.#lateMs, q);
  }

  /** When the last request left that was not answered with 200 within so long. 0 if all were. */
  lastSlowMs(limitMs: number): number {
    let last = 0;
    for (const [end, answers] of this.#answers) {
      for (const { at, latencyMs } of answers) {
        if (end !== "200" || latencyMs > limitMs) last = Math.max(last, at);
      }
    }
    return last;
  }
}

/** Options of {@linkcode drive}. */
export interface DriveOptions {
  readonly port: number;
  readonly seconds: number;
  readonly random: Random;
  /** How long answers are waited for when no more is asked. */
  readonly patienceMs?: number;
  /** How many connections there may be. What finds none waits in the driver, and its clock runs. */
  readonly connections?: number;
}

/** Asks as the streams say. @returns What became of each stream's requests. */
export async function drive(streams: readonly Stream[], options: DriveOptions): Promise<Outcome[]> {
  const { port, seconds, random, patienceMs = 30_000, connections = 2_000 } = options;
  await using asker = new Asker(port, connections);
  const outcomes = streams.map(() => new Outcome());
  const plan = streams.flatMap((stream, i) => arrivals(stream, seconds, random, i))
    .sort((a, b) => a.at - b.at);
  const asked: Promise<void>[] = [];
  const begin = performance.now();
  for (const { at, of } of plan) {
    const wait = begin + at - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    asked.push(ask(streams[of], outcomes[of], at));
  }
  const timer = setTimeout(() => asker.giveUp(), patienceMs);
  await Promise.all(asked);
  clearTimeout(timer);
  return outcomes;

  async function ask(stream: Stream, outcome: Outcome, at: number): Promise<void> {
    const intendedAt = begin + at;
    outcome.left(performance.now() - intendedAt);
    const { end, body } = await asker.ask(stream.path, stream.patienceMs?.());
    const { from = 0 } = stream;
    outcome.ended(end, { at: at - from * 1000, latencyMs: performance.now() - intendedAt });
    if (end === "200" && stream.body !== undefined && body !== stream.body) outcome.wrong++;
  }
}

function arrivals(
  { perSecond, from = 0, to }: Stream,
  seconds: number,
  random: Random,
  of: number,
) {
  const times: { at: number; of: number }[] = [];
  const gapMs = 1000 / perSecond;
  const end = (to ?? seconds) * 1000;
  for (let at = from * 1000 + exponential(random, gapMs); at < end;) {
    times.push({ at, of });
    at += exponential(random, gapMs);
  }
  return times;
}
