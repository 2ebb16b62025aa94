import type { Random } from "./random.ts";

/** What a scenario is told. */
export interface Settings {
  /** How long each of its parts takes. */
  readonly seconds: number;
  /** Of all that comes at random. */
  readonly seed: number;
  readonly random: Random;
  readonly wrk: boolean;
  /** The folder for histories of calls, as paths are given to Deno. Default: none is written. */
  readonly histories?: string;
}

/** One line of a scenario's table. */
export interface Row {
  readonly [column: string]: string | number | undefined;
}

/** One storm. */
export interface Scenario {
  /** A program that it can't do without. */
  readonly needs?: string;
  /** What happens, and what its columns are. */
  readonly what: string;
  /**
   * Lets it happen to the real service.
   *
   * @throws {Broken} If the service did what it never may, however bad the weather.
   */
  readonly run: (settings: Settings) => AsyncGenerator<Row>;
}

/** A promise was broken. */
export class Broken extends Error {}

/** @throws {Broken} Unless it holds. */
export function must(condition: boolean, promise: string): void {
  if (!condition) throw new Broken(promise);
}
