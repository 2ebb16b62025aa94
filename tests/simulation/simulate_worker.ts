/**
 * What each thread of `simulate.ts` does: a search for each message. (Not in that file itself: a worker's module is
 * a main module too.)
 *
 * @module
 */

import { loadPool } from "./pool_under_test.ts";
import { type Search, search } from "./search.ts";

const scope = globalThis as unknown as Worker;
// It is loaded after there is a listener: a message that came before would be lost.
const loaded = loadPool();
scope.addEventListener("message", async ({ data }: MessageEvent<Search>) => {
  scope.postMessage(await search(data, await loaded));
});
