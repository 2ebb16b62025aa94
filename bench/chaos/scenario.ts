import type { Random } from "./random.ts";

/** What a scenario is told. */
export interface Settings {
  /** How long each of its parts takes. */
  readonly seconds: number;
  /** Of all that comes at random. */
  readonly seed: number;
  readonly random: Random;
  readonly wrk: boolean;
}

/** One line of a scenario's table. */
export interface Row {
  readonly [column: string]: string | number | undefined;
}

/** One storm. */
export interface Scenario {
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
