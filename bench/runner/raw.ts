/**
 * Raw lines: what a run of one case measured, as JSON, a line each for the machine, for whoever was left out
 * and for every trial. Results are made from these alone.
 *
 * @module
 */

import type { Values } from "../cases/mod.ts";
import type { ContenderId } from "../contenders/mod.ts";
import type { Machine } from "./machine.ts";

/** A contender that didn't take part, or not to the end. */
export interface LeftOut {
  readonly contender: ContenderId;
  readonly reason: string;
}

/** What one trial measured. */
export interface Sample {
  readonly round: number;
  readonly contender: ContenderId;
  readonly values: Values;
}

/** One run of one case. */
export interface Run {
  readonly machine: Machine;
  readonly leftOut: readonly LeftOut[];
  readonly samples: readonly Sample[];
}

/** Writes a run down. */
export function toLines({ machine, leftOut, samples }: Run): string {
  return [machine, ...leftOut, ...samples].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Reads a run back. */
export function fromLines(text: string): Run {
  const [machine, ...lines] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  return {
    machine,
    leftOut: lines.filter((line) => "reason" in line),
    samples: lines.filter((line) => "values" in line),
  };
}
