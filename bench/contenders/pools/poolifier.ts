import { type Open, warm } from "../pool.ts";

/** Where `bench/peers` has it. Not told by a literal: types are to check where it is not installed. */
export const POOLIFIER = new URL(
  "../../peers/node_modules/poolifier-web-worker/esm/mod.js",
  import.meta.url,
).href;

/** poolifier-web-worker: its fixed pool with its default options. */
export const open: Open = async (size) => {
  const { FixedThreadPool } = await import(POOLIFIER);
  const pool = new FixedThreadPool(size, new URL("./poolifier_worker.ts", import.meta.url));
  return warm(
    { call: (method, argument, move) => pool.execute(argument, method, undefined, move) },
    size,
  );
};
