import { serve, transfer } from "../../../lib/pool/worker.ts";
import * as work from "../work.mjs";

/** What the worker of {@linkcode import("./ours.ts")} serves. */
export type Api = typeof work;

serve<Api>({
  ...work,
  give(length) {
    const bytes = work.give(length);
    return transfer(bytes, [bytes.buffer]);
  },
});
