/**
 * What clients saw: one entry for each call. It is all that a checker needs: it knows the right values by itself.
 *
 * @module
 */

import { quantile } from "../../runner/statistics.ts";
import { must, type Settings } from "../scenario.ts";

/** One call, and what became of it. */
export interface Entry {
  /** What was asked for. */
  readonly path: string;
  /** When it should have left, in milliseconds from the first moment of the drive. */
  readonly at: number;
  /** From then to the whole answer, in milliseconds. */
  readonly ms: number;
  /** The status, or `lost` or `refused` where no answer came. */
  readonly end: string;
  readonly body: string;
}

/** What a history shows. */
export interface Verdict {
  /** How many calls there were. */
  readonly asked: number;
  /** How many were answered with 200 and the right value. */
  readonly right: number;
  /** Those that were answered with 200 and another value. */
  readonly wrong: readonly Entry[];
  /** Those that were not answered with 200. */
  readonly failed: readonly Entry[];
}

const values = new Map<number, string>();

/** F(n), by adding: slow, and too simple to be wrong. */
function fibonacci(n: number): string {
  let value = values.get(n);
  if (value === undefined) {
    let [a, b] = [0n, 1n];
    for (let i = 0; i < n; i++) [a, b] = [b, a + b];
    values.set(n, value = String(a));
  }
  return value;
}

/** The n that a path asks for. @throws {Error} If it asks for something else. */
export function nOf(path: string): number {
  const [, n] = /^\/(\d+)(?:\?|$)/.exec(path) ?? [];
  if (n === undefined) throw new Error(`${path} asks for no number`);
  return Number(n);
}

/** Compares a history with the right values. */
export function check(history: readonly Entry[]): Verdict {
  const failed = history.filter(({ end }) => end !== "200");
  const wrong = history.filter(({ end, path, body }) =>
    end === "200" && body !== fibonacci(nOf(path))
  );
  return {
    asked: history.length,
    right: history.length - failed.length - wrong.length,
    wrong,
    failed,
  };
}

/** @throws {Broken} If a call was not answered with 200, or wrongly. */
export function mustBeRight(history: readonly Entry[]): void {
  const { wrong, failed } = check(history);
  must(wrong.length === 0, `${wrong.length} answers are wrong`);
  must(failed.length === 0, `Every call is to be answered, not ${ends(failed)}`);
}

/** Writes a history, a line of JSON for each call, if histories are asked for. */
export function record(name: string, history: readonly Entry[], { histories }: Settings): void {
  if (histories === undefined) return;
  Deno.mkdirSync(histories, { recursive: true });
  const lines = history.map((entry) => `${JSON.stringify(entry)}\n`);
  Deno.writeTextFileSync(`${histories}/${name}.jsonl`, lines.join(""));
}

/** A quantile of the latencies of a history, in milliseconds. */
export function latencyMs(history: readonly Entry[], q: number): number {
  return quantile(history.map(({ ms }) => ms), q);
}

/** How often each end came that is not 200: `3 × 503, 1 × lost`. */
export function ends(failed: readonly Entry[]): string {
  const counts = new Map<string, number>();
  for (const { end } of failed) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].map(([end, count]) => `${count} × ${end}`).join(", ");
}
