import type * as work from "./work.mjs";

/** What can be called: see `work.mjs`. */
export type Method = keyof typeof work;

/** A way to have work done, as each contender offers it to the trials. */
export interface Pool {
  /** @param move Buffers of the argument that are moved and not copied, if the contender can. */
  call(method: Method, argument: unknown, move?: ArrayBuffer[]): Promise<unknown>;
}

/**
 * What each adapter exports as `open`. Resolves when every worker can take calls. There is no way to close
 * one: its process ends with the trial.
 *
 * @param size How many workers, where there are any.
 */
export type Open<Options = void> = (size: number, options: Options) => Promise<Pool>;

/** Calls every worker once: pools differ in what they mean by ready. */
export async function warm(pool: Pool, size: number): Promise<Pool> {
  await Promise.all(Array.from({ length: size }, (_, n) => pool.call("increment", n)));
  return pool;
}
