import type { Open } from "../pool.ts";
import * as work from "../work.mjs";

/** No pool: the event loop's own thread computes, and nothing else happens meanwhile. */
export const open: Open = () =>
  Promise.resolve({
    call: (method, argument) => Promise.resolve(work[method](argument as never)),
  });
